"""What a client of a nats-server leaves behind."""

import asyncio
import gc
import warnings

import nats.errors
import pytest

from adapters.nats.client import open_client

GREETING = b'INFO {"server_id":"lublin","max_payload":1048576}\r\n'


async def heard(_: Exception) -> None:
    """An error that the test provokes."""


async def test_a_refused_client_leaves_nothing_open() -> None:
    """Whether the server closes the line with its refusal or not, and however late."""
    ended = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING + b"-ERR 'Authorization Violation'\r\n")
        await reader.read()
        writer.close()
        ended.set()

    server = await asyncio.start_server(refuse, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(nats.errors.Error, match="Authorization"):
            await open_client(f"nats://127.0.0.1:{port}", error_cb=heard)
        gc.collect()
        await asyncio.wait_for(ended.wait(), 5)
    server.close()
    assert [str(one.message) for one in said if one.category is ResourceWarning] == []
