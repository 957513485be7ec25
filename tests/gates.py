"""The gate of a region, with a register to invite children by; and children who come with keys."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import nats.errors
from nats.aio.client import Client

from adapters.nats import subjects
from adapters.nats.client import open_client
from adapters.nats.credentials import Credentials
from adapters.system import SystemClock
from sites.gatekeeper import Gate, Gatekeeper
from sites.keys.admission import Admission
from sites.keys.authority import Authority
from sites.keys.invitation import Invitation
from sites.keys.issuing import Issuer
from sites.keys.node_key import draw
from sites.keys.register import Register
from sites.servers.gate import GateSettings, NatsGate, gate_name
from sites.servers.nats import NatsUser
from sites.servers.ports import LOOPBACK

YEAR = timedelta(days=365)


def gate_user(node: str) -> NatsUser:
    """The gate, as the node's own server knows it."""
    return NatsUser(name=gate_name(node), secret=f"secret-of-the-gate-of-{node}")


class OpenGate:
    """A gate that runs, in a state folder of its own."""

    def __init__(self, node: str, state: Path, inner_url: str) -> None:
        self.node = node
        self.state = state
        self.clock = SystemClock()
        self.register = Register(state)
        self.authority = Authority.of(state, node, self.clock.now())
        settings = GateSettings(
            name=node,
            host=LOOPBACK,
            port=None,
            leaf_port=None,
            inner_url=inner_url,
            authority=self.authority.certificate,
        )
        self.server = NatsGate(state, settings)
        self.keeper = Gatekeeper(
            Admission({}, self.register),
            self.register,
            self.clock,
            Gate(node=node, server=self.server, authority=self.authority, hosts=(LOOPBACK,)),
        ).open()
        self._invited = 0
        self._running = asyncio.create_task(self.keeper.run())

    async def close(self) -> None:
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        self.keeper.close()

    def invite(self, child: str, *scopes: str, lasts: timedelta = YEAR) -> Invitation:
        return self._issuer.invite(child, "site", scopes, self._file(), now=self.clock.now(), lasts=lasts)

    def rotate(self, child: str, grace: timedelta) -> Invitation:
        return self._issuer.rotate(child, self._file(), now=self.clock.now(), lasts=YEAR, grace=grace)

    def certificate_for(self, child: str) -> Credentials:
        """A certificate of this gate's authority over a key that nobody has entered."""
        key = draw()
        certificate = self.authority.certify(key, child, self.clock.now() + YEAR)
        return Credentials(seed=key.seed, certificate=certificate, key=key.pem, authority=self.authority.certificate)

    @property
    def client_url(self) -> str:
        return f"tls://{LOOPBACK}:{self.server.ports['client']}"

    def _file(self) -> Path:
        self._invited += 1
        return self.state / f"invitation-{self._invited}"

    @property
    def _issuer(self) -> Issuer:
        leaf_url = f"tls://{LOOPBACK}:{self.server.ports['leaf']}"
        return Issuer(code=self.node, state=self.state, leaf_url=leaf_url, client_url=self.client_url)


def authority_of(node: str, state: Path) -> Authority:
    """An authority that somebody else made under the same name."""
    return Authority.of(state, node, SystemClock().now())


async def enter(invitation: Invitation, *, tls: ssl.SSLContext | None = None, **other: str) -> Client:
    """Come in as a client, with other parts of the credentials where given; raises whatever refuses it."""
    credentials = replace(invitation.credentials, **other)
    inbox = subjects.inbox(invitation.child).encode()
    seed = credentials.seed
    return await entered(invitation.client_url, tls=tls or credentials.tls(), nkeys_seed_str=seed, inbox_prefix=inbox)


async def entered(url: str, **options: Any) -> Client:
    """Connect, and see that the server has not changed its mind."""
    return await open_client(url, error_cb=_ignore, connect_timeout=2, **options)


async def welcomed(invitation: Invitation, within: float = 10.0) -> Client:
    """Come in as soon as the gate has heard of the invitation."""
    async with asyncio.timeout(within):
        while True:
            try:
                return await enter(invitation)
            except (nats.errors.Error, OSError):
                await asyncio.sleep(0.05)


async def _ignore(_: Exception) -> None:
    """An error that the test provokes."""
