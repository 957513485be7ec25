"""Whether a nats-server does its work: asked over a connection of its own, in its own few words.

A client of nats-py that a frozen server never lets in does not give its socket back.
"""

import asyncio
import json
from typing import Final
from urllib.parse import unquote, urlsplit

_WITHIN: Final = 3.0
_INBOX: Final = "_INBOX.probe"
_ALIVE: Final = "PING\r\n"
_ABOUT_STREAMS: Final = f"SUB {_INBOX} 1\r\nPUB $JS.API.INFO {_INBOX} 0\r\n\r\n"


async def answers(url: str, *, with_streams: bool) -> bool:
    """Tell within three seconds whether a server takes this client, and where it should looks after streams.

    A server that could not write to its disk may go on without any streams.
    """
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(_WITHIN):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                shown = {"user": unquote(parts.username or ""), "pass": unquote(parts.password or "")}
                question = _ABOUT_STREAMS if with_streams else _ALIVE
                writer.write(f"CONNECT {json.dumps(shown | {'verbose': False})}\r\n{question}".encode())
                return await _heard(reader, b"MSG " if with_streams else b"PONG")
            finally:
                writer.close()
    except OSError:
        return False


async def _heard(reader: asyncio.StreamReader, wanted: bytes) -> bool:
    """Read until the answer; a message's body tells whether it is an error."""
    async for line in reader:
        if line.startswith(wanted):
            return not wanted.startswith(b"MSG") or b'"error"' not in await reader.readline()
        if line.startswith(b"-ERR"):
            return False
    return False
