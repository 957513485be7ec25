"""The servers a node brings along when its settings name none of the operator's."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.system import SystemClock
from sites.broker import Broker
from sites.gatekeeper import Gate, Gatekeeper
from sites.keys.admission import Admission
from sites.keys.authority import Authority
from sites.keys.register import Register
from sites.servers.folders import kept_secret
from sites.servers.gate import GateSettings, NatsGate, gate_name
from sites.servers.keeping import OwnServer
from sites.servers.nats import NatsServer, NatsSettings, NatsUser
from sites.servers.ports import EVERYWHERE, LOOPBACK
from sites.servers.postgres import PostgresServer
from sites.settings import NodeSettings
from sites.users import children, devices

DATABASE = "caifs"


@contextmanager
def nats(settings: NodeSettings, *, with_streams: bool) -> Iterator[Broker]:
    """Give the node's nats-server, its own or the operator's.

    Its own is a leaf of the parent's. ``with_streams``: children hand over their batches to it.
    """
    link = settings.link
    if link.nats_url is not None:
        yield Broker(url=link.nats_url)
        return
    server = nats_server(settings, with_streams=with_streams)
    try:
        yield Broker(url=server.start().client_url, own=server)
    finally:
        server.stop()


def nats_server(settings: NodeSettings, *, with_streams: bool, gate: NatsUser | None = None) -> NatsServer:
    """Return a node's own nats-server, which is a leaf of the parent's; it does not run yet."""
    link = settings.link
    return NatsServer(
        settings.state,
        NatsSettings(
            name=settings.code,
            host=settings.devices.host,
            port=link.nats_port,
            devices=devices(settings),
            children=children(settings),
            leaf_port=link.leaf_port,
            gate=gate,
            parent_url=link.parent_leaf_url,
            parent_credentials=link.parent_credentials,
            domain=settings.code if with_streams else None,
        ),
    )


@contextmanager
def nats_with_gate(settings: NodeSettings) -> Iterator[tuple[Broker, Gatekeeper]]:
    """Give a parent's nats-server, in which children's batches wait, and the keeper of its gate."""
    clock, register = SystemClock(), Register(settings.state)
    admission = Admission(settings.link.children, register)
    if settings.link.nats_url is not None:
        yield Broker(url=settings.link.nats_url), Gatekeeper(admission, register, clock, None).open()
        return
    user = NatsUser(name=gate_name(settings.code), secret=kept_secret(settings.state / "gate-inside.secret"))
    server = nats_server(settings, with_streams=True, gate=user)
    authority = Authority.of(settings.state, settings.code, clock.now())
    keeper = None
    try:
        address = server.start()
        gate = _gate(settings, address.leaf_urls[user.name], authority)
        keeper = Gatekeeper(admission, register, clock, gate).open()
        yield Broker(url=address.client_url, own=server), keeper
    finally:
        if keeper is not None:
            keeper.close()
        server.stop()


def _gate(settings: NodeSettings, inner_url: str, authority: Authority) -> Gate:
    wanted = settings.link.gate
    described = GateSettings(
        name=settings.code,
        host=wanted.host,
        port=wanted.port,
        leaf_port=wanted.leaf_port,
        inner_url=inner_url,
        authority=authority.certificate,
    )
    return Gate(
        node=settings.code,
        server=NatsGate(settings.state, described),
        authority=authority,
        hosts=tuple({wanted.name, wanted.host, LOOPBACK} - {EVERYWHERE}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """The PostgreSQL of a node, its own or the operator's.

    Attributes:
        url: of the node's database; secret included.
        own: the server itself; None: it is the operator's.
    """

    url: str = field(repr=False)
    own: OwnServer | None = None


@contextmanager
def postgres(settings: NodeSettings) -> Iterator[Postgres]:
    """Give the node's PostgreSQL, its own or the operator's."""
    if settings.database_url is not None:
        yield Postgres(url=settings.database_url)
        return
    server = PostgresServer(settings.state)
    try:
        server.start()
        yield Postgres(url=asyncio.run(server.create_database(DATABASE)), own=server)
    finally:
        server.stop()


def database_url(state: Path) -> str:
    """Return the URL of the database of the node whose own server, in this state folder, is running; secret included.

    Raises:
        FileNotFoundError: the node never had a server of its own.
    """
    return PostgresServer(state).url(DATABASE)
