"""Devices that publish on the nats-server of their site, as a real server lets them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import nats.errors
import pytest
from nats.aio.client import Client

from adapters.nats import subjects
from adapters.nats.client import open_client
from adapters.nats.devices import NatsDevices
from adapters.nats.subjects import rights_of_devices
from domain.shared.errors import Unavailable
from domain.shared.views import Window
from sites.servers.folders import remove_state
from sites.servers.nats import NatsAddress, NatsServer, NatsSettings, NatsUser, client_url
from tests.adapters.nats.conftest import ignore
from tests.adapters.nats.speaking import listening, say
from tests.api.nodes import KEY, SITE, Node, memory_node, stream_push
from tests.waiting import until

SECRET = "secret-of-devices"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}


@pytest.fixture
def server(tmp_path: Path) -> Any:
    user = NatsUser(name=f"{SITE}.devices", secret=SECRET, rights=rights_of_devices())
    server = NatsServer(tmp_path / "server", NatsSettings(name=SITE, devices=user))
    yield server.start()
    server.stop()
    remove_state(tmp_path / "server")


@pytest.fixture
async def post(tmp_path: Path, server: NatsAddress) -> AsyncIterator[Node]:
    """A site with a camera, which answers."""
    node = memory_node(tmp_path)
    await node.enrol()
    assert node.doors.intake is not None
    door = NatsDevices(server.client_url, node=SITE, intake=node.doors.intake)
    running = asyncio.create_task(door.run())
    yield node
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def device(server: NatsAddress) -> AsyncIterator[Client]:
    port = int(server.client_url.rpartition(":")[2])
    url = client_url(port, f"{SITE}.devices", SECRET)
    client = await open_client(url, error_cb=ignore, inbox_prefix=subjects.DEVICES_INBOX.encode())
    yield client
    await client.close()


async def ask(device: Client, body: bytes, code: str = "cam-1", headers: dict[str, str] | None = None) -> Any:
    """Push until it is answered, as a device does."""
    async with asyncio.timeout(10):
        while True:
            try:
                said = await device.request(
                    subjects.pushes(code), body, timeout=2, headers=HEADERS if headers is None else headers
                )
            except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
                continue
            return json.loads(said.data)


async def registrations(node: Node) -> int:
    return len((await node.views.registrations(Window(limit=100))).items)


async def test_a_push_is_answered_as_over_http(post: Node, device: Client) -> None:
    by_nats = await ask(device, stream_push("WA12345", at="2026-01-01T00:00:00+00:00"))
    by_http = (await post.push(stream_push("WA12345", at="2026-01-01T00:00:00+00:00"))).json()

    assert by_nats["status"] == "registered"
    assert by_http == {
        "status": "duplicate",
        "readings": [by_nats["readings"][0] | {"status": "duplicate"}],
    }
    assert await registrations(post) == 1


async def test_junk_is_kept_and_a_heartbeat_is_heard(post: Node, device: Client) -> None:
    assert await ask(device, stream_push()) == {"status": "heartbeat"}
    junk = await ask(device, b"junk")
    assert (junk["status"], junk["problem"]["code"]) == ("quarantined", "PUSH_UNREADABLE")
    assert await post.views.quarantined(junk["pushId"]) is not None


@pytest.mark.parametrize(
    ("code", "headers"),
    [
        ("cam-1", {}),
        ("cam-1", {"Authorization": "Bearer wrong"}),
        ("cam-1", {"Authorization": KEY}),
        ("cam-2", HEADERS),
        ("elsewhere", HEADERS),
        ("%00", HEADERS),
        ("other", HEADERS),
    ],
)
async def test_a_key_opens_the_subject_of_its_own_device_alone(
    post: Node, device: Client, code: str, headers: dict[str, str]
) -> None:
    await post.enrol("elsewhere", site="koroszczyn")
    await post.enrol("other", key_digest="00" * 32)
    answer = await ask(device, stream_push("WA12345"), code, headers)
    assert (answer["status"], answer["problem"]["code"]) == ("refused", "DEVICE_REFUSED")
    assert await registrations(post) == 0


async def test_many_at_once_are_all_answered(post: Node, device: Client) -> None:
    await ask(device, stream_push())
    answers = await asyncio.gather(*(ask(device, stream_push(f"WA{number}")) for number in range(10_000, 10_200)))
    assert {answer["status"] for answer in answers} <= {"registered", "merged"}
    assert len({answer["readings"][0]["passageId"] for answer in answers}) == await registrations(post)


async def test_what_cannot_be_kept_is_to_be_repeated(
    post: Node, device: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: str) -> None:
        raise Unavailable

    monkeypatch.setattr(post.views, "device", away)
    assert (await ask(device, stream_push("WA12345")))["status"] == "unavailable"
    monkeypatch.undo()
    assert (await ask(device, stream_push("WA12345")))["status"] == "registered"


async def test_a_push_without_a_wish_for_an_answer_is_taken(post: Node, device: Client) -> None:
    await ask(device, stream_push())
    await device.publish(subjects.pushes("cam-1"), stream_push("WA12345"), headers=HEADERS)
    await until(lambda: bool(post.changes.tables.registrations))


async def test_nobody_but_devices_is_answered(
    post: Node, device: Client, server: NatsAddress, connect: Callable[..., Any]
) -> None:
    own = await connect(server.client_url, SITE)
    await ask(device, stream_push())
    targets = (f"{subjects.inbox(SITE)}.x", "up.lublin.dorohusk.facts", "$JS.API.STREAM.PURGE.x")
    async with listening(own, *targets) as heard:
        for target in targets:
            await device.publish(subjects.pushes("cam-1"), stream_push("WA1"), reply=target, headers=HEADERS)
        assert (await ask(device, stream_push("WA2")))["status"] == "registered"
        await own.flush()
    assert heard == []
    assert await registrations(post) == 1


async def test_devices_may_do_nothing_else(device: Client, server: NatsAddress, connect: Callable[..., Any]) -> None:
    own = await connect(server.client_url, SITE)
    last = subjects.pushes("cam-2")
    async with listening(own, ">") as heard:
        await say(
            device,
            "up.lublin.dorohusk.facts",
            "rpc.lublin.dorohusk.hello",
            f"{subjects.inbox(SITE)}.x",
            f"{subjects.DEVICES_INBOX}.x",
            "$JS.API.INFO",
            "ack.lublin.dorohusk",
            last,
        )
        await until(lambda: last in heard)
    assert heard == [last]
    spied = ("devices.>", subjects.pushes(), ">", "_INBOX.>", "ack.>", "$SYS.>")
    async with listening(device, *spied, f"{subjects.DEVICES_INBOX}.>") as overheard:
        await say(own, subjects.pushes("cam-1"), f"{subjects.inbox(SITE)}.y", f"{subjects.DEVICES_INBOX}.y")
        await until(lambda: bool(overheard))
    assert set(overheard) == {f"{subjects.DEVICES_INBOX}.y"}


async def test_a_stranger_is_not_let_in(server: NatsAddress) -> None:
    port = int(server.client_url.rpartition(":")[2])
    with pytest.raises(nats.errors.Error):
        await open_client(client_url(port, f"{SITE}.devices", "guessed"), error_cb=ignore)
