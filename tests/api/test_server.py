"""The application behind the real server, over real sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from domain.shared.actors import Role
from domain.watchlist.events import EntryActivated
from tests import samples
from tests.api.nodes import KEY, Node, stream_push

ALARMS = "subscription { alarms { change alarm { label match { title } } } }"


@asynccontextmanager
async def serving(node: Node) -> AsyncIterator[str]:
    """Serve a node as production does and give its address."""
    config = uvicorn.Config(
        node.app, http="httptools", ws="websockets-sansio", ws_per_message_deflate=False, log_config=None
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        serve = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serve


async def said(connection: ClientConnection) -> dict[str, object]:
    message: dict[str, object] = json.loads(await asyncio.wait_for(connection.recv(), 5))
    return message


async def test_push_is_heard_as_an_alarm(site: Node) -> None:
    await site.enrol()
    await site.record(EntryActivated(entry=samples.entry()))
    async with (
        serving(site) as address,
        connect(f"ws://{address}/graphql", subprotocols=["graphql-transport-ws"]) as connection,
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        params = {"authorization": f"Bearer {site.token(Role.OFFICER)}", "purpose": "patrol"}
        await connection.send(json.dumps({"type": "connection_init", "payload": params}))
        assert (await said(connection))["type"] == "connection_ack"
        await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": ALARMS}}))
        while not site.doors.live._watchers:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0)

        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        pushed = await client.post("/devices/cam-1/push", content=stream_push("WA12345"), headers=headers)

        assert pushed.json()["status"] == "registered"
        told = {"change": "RAISED", "alarm": {"label": "WA12345", "match": {"title": "Kradziony ciągnik"}}}
        assert await said(connection) == {"id": "1", "type": "next", "payload": {"data": {"alarms": told}}}


async def test_socket_without_a_token_is_closed(site: Node) -> None:
    async with (
        serving(site) as address,
        connect(f"ws://{address}/graphql", subprotocols=["graphql-transport-ws"]) as connection,
    ):
        await connection.send(json.dumps({"type": "connection_init"}))
        with pytest.raises(ConnectionClosedError) as closed:
            await said(connection)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def test_sender_without_end_is_stopped(site: Node) -> None:
    await site.enrol()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 2**20

    async with serving(site) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=20) as client:
        try:
            response = await client.post(
                "/devices/cam-1/push", content=endless(), headers={"authorization": f"Bearer {KEY}"}
            )
        except httpx.TransportError:  # the node hung up while more was being sent
            pass
        else:
            assert response.status_code == 413
        assert await site.views.quarantine_count() == 1
