"""A leaf that keeps to no rights: it speaks the leaf protocol itself, as a server that somebody has altered would."""

import asyncio
import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import nkeys

from adapters.nats.credentials import Credentials

_DESCRIBED: Final = {"name": "lawless", "server_id": "LAWLESS", "version": "2.15.1", "proto": 1, "headers": True}


class LawlessLeaf:
    """A leaf's connection.

    Attributes:
        told: all lines that the parent's server has sent.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.told: list[bytes] = []
        self._reader = reader
        self._writer = writer
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str) -> Self:
        """Log in at the leaf port of a server; ``url`` has user and secret in it."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        await reader.readline()
        return cls(reader, writer)._introduced({"user": parts.username, "pass": unquote(parts.password or "")})

    @classmethod
    async def enter(cls, url: str, credentials: Credentials) -> Self:
        """Pass the gate at ``url`` with a key and its certificate."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        nonce = json.loads((await reader.readline()).partition(b" ")[2])["nonce"]
        await writer.start_tls(credentials.tls(), server_hostname=parts.hostname)
        key = nkeys.from_seed(credentials.seed.encode())
        signed = base64.urlsafe_b64encode(key.sign(nonce.encode())).rstrip(b"=")
        return cls(reader, writer)._introduced({"nkey": key.public_key.decode(), "sig": signed.decode()})

    def _introduced(self, login: Mapping[str, Any]) -> Self:
        self._send(f"CONNECT {json.dumps({**login, **_DESCRIBED})}\r\nPING\r\n")
        return self

    def publish(self, subject: str, reply: str = "") -> None:
        self._send(f"LMSG {subject} {reply} 4\r\nsaid\r\n")

    def subscribe(self, subject: str) -> None:
        self._send(f"LS+ {subject}\r\nPING\r\n")

    @property
    def heard(self) -> list[str]:
        """Subjects of the messages that came."""
        return [line.split()[1].decode() for line in self.told if line.startswith(b"LMSG")]

    def is_cut(self) -> bool:
        """Tell whether the parent's server has ended the connection."""
        return self._reading.done()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        await self._reading

    def _send(self, text: str) -> None:
        self._writer.write(text.encode())

    async def _read(self) -> None:
        with suppress(OSError):
            while line := await self._reader.readline():
                self.told.append(line.strip())
                if line.startswith(b"PING"):
                    self._send("PONG\r\n")
