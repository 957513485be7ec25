"""A client of a nats-server that leaves nothing open behind it."""

import asyncio
from contextlib import suppress
from typing import Any, Final

import nats.errors
from nats.aio.client import Client

_ANSWERS_WITHIN: Final = 2
_CLOSE_WITHIN: Final = 2.0


async def open_client(url: str, **options: Any) -> Client:
    """Connect to ``url``; nats-py itself keeps the socket of a connection that is refused.

    Raises:
        OSError: nobody answers there.
        nats.errors.Error: the server does not let this user in; over TLS it may say so only after the greeting.
    """
    client = Client()
    try:
        await client.connect(url, allow_reconnect=False, **options)
        await client.flush(_ANSWERS_WITHIN)
    except BaseException:
        await close_client(client)
        raise
    return client


async def close_client(client: Client) -> None:
    """Close a client, or give up after a while where the line is dead."""
    with suppress(OSError, nats.errors.Error):
        async with asyncio.timeout(_CLOSE_WITHIN):
            await client.close()
