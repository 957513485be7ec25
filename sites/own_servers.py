"""The servers a node brings along when its settings name none of the operator's."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sites.broker import Broker
from sites.servers.nats import NatsServer, NatsSettings
from sites.servers.postgres import PostgresServer
from sites.settings import NodeSettings
from sites.users import children

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
        yield Broker(url=server.start().client_url, restart=server.restart)
    finally:
        server.stop()


def nats_server(settings: NodeSettings, *, with_streams: bool) -> NatsServer:
    """Return a node's own nats-server, which is a leaf of the parent's; it does not run yet."""
    link = settings.link
    return NatsServer(
        settings.state,
        NatsSettings(
            name=settings.code,
            port=link.nats_port,
            children=children(settings),
            leaf_port=link.leaf_port,
            parent_url=link.parent_leaf_url,
            domain=settings.code if with_streams else None,
        ),
    )


@contextmanager
def postgres(settings: NodeSettings) -> Iterator[str]:
    """Give the URL of the node's PostgreSQL database, on its own server or the operator's."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = PostgresServer(settings.state)
    try:
        server.start()
        yield asyncio.run(server.create_database(DATABASE))
    finally:
        server.stop()


def database_url(state: Path) -> str:
    """Return the URL of the database of the node whose own server, in this state folder, is running; secret included.

    Raises:
        FileNotFoundError: the node never had a server of its own.
    """
    return PostgresServer(state).url(DATABASE)
