import asyncio
import json
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import nats.errors
import nats.js.errors
import psutil
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from adapters.nats.client import open_client
from sites.servers.child import ChildError
from sites.servers.nats import NatsAddress, NatsServer, NatsSettings, NatsUser, leaf_url
from tests.waiting import until

Start = Callable[..., tuple[NatsServer, NatsAddress]]
CHILD = NatsUser(name="koroszczyn", secret="of koroszczyn")
UNANSWERED = (nats.errors.NoRespondersError, nats.errors.TimeoutError)


async def ignore(_: Exception) -> None:
    """An error that the test provokes."""


async def connected(url: str, **options: object) -> Client:
    return await open_client(url, error_cb=ignore, **options)


async def acknowledged(client: Client, subject: str) -> dict[str, object]:
    """Publish until a stream acknowledges it, as a sender on a broken link does."""
    async with asyncio.timeout(10):
        while True:
            try:
                return dict(json.loads((await client.request(subject, b"batch", timeout=1)).data))
            except UNANSWERED:
                await asyncio.sleep(0.02)


async def answer_to(port: int, login: dict[str, str]) -> bytes:
    """What the server says to a client who logs in like this."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    writer.write(b"CONNECT %s\r\nPING\r\n" % json.dumps(login | {"verbose": False}).encode())
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


def own_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.name() == "nats-server"]


async def test_it_is_unprivileged_and_on_loopback_only(start_nats: Start) -> None:
    start_nats("lublin", children=(CHILD,), domain="lublin")
    (server,) = own_processes()
    assert 0 not in server.uids()
    listening = [c.laddr.ip for c in server.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1", "127.0.0.1"]


async def test_clients_need_the_secret(start_nats: Start, home: Path) -> None:
    _, address = start_nats("koroszczyn")
    assert address.leaf_urls == address.child_urls == {}
    url = urlsplit(address.client_url)
    client = await connected(address.client_url)
    assert client.max_payload == 8 << 20
    await client.close()
    for login in ({}, {"user": url.username}, {"user": url.username, "pass": "guessed"}):
        assert b"Authorization Violation" in await answer_to(url.port, login)
    assert await answer_to(url.port, {"user": url.username, "pass": url.password}) == b"PONG\r\n"
    secret = home / "koroszczyn" / "nats.secret"
    assert secret.read_text() == url.password
    for file in (secret, home / "koroszczyn" / "nats" / "nats.conf"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert url.password not in str(own_processes()[0].cmdline())
    assert url.password not in (home / "koroszczyn" / "nats.log").read_text()


async def test_leaves_need_their_parents_secret(start_nats: Start, home: Path) -> None:
    user = NatsUser(name="koroszczyn", secret='ch "$ł%/\\')
    _, parent = start_nats("lublin", children=(user,))
    port = urlsplit(parent.leaf_urls[user.name]).port
    _, child = start_nats("koroszczyn", parent_url=parent.leaf_urls[user.name])
    _, stranger = start_nats("dorohusk", parent_url=leaf_url(port, user.name, "guessed"))
    at_parent, at_child, at_stranger = [await connected(node.client_url) for node in (parent, child, stranger)]

    async def answer(question: Msg) -> None:
        await question.respond(b'{"heard": true}')

    await at_parent.subscribe("question", cb=answer)
    assert await acknowledged(at_child, "question") == {"heard": True}
    await until(lambda: "authentication error" in (home / "lublin" / "nats.log").read_text())
    with pytest.raises(nats.errors.NoRespondersError):
        await at_stranger.request("question", b"", timeout=1)
    assert "guessed" not in (home / "dorohusk" / "nats.log").read_text()
    for client in (at_parent, at_child, at_stranger):
        await client.close()


async def test_a_node_cannot_be_its_own_servers_leaf(start_nats: Start, home: Path) -> None:
    _, parent = start_nats("lublin", children=(CHILD,))
    own = urlsplit(parent.client_url)
    assert own.password
    start_nats("dorohusk", parent_url=leaf_url(urlsplit(parent.leaf_urls[CHILD.name]).port, "lublin", own.password))
    await until(lambda: "authentication error" in (home / "lublin" / "nats.log").read_text())


async def test_settings_hide_their_secrets_and_refuse_an_empty_one(start_nats: Start) -> None:
    settings = NatsSettings(name="x", children=(CHILD,), parent_url="nats-leaf://x:mother@127.0.0.1:1")
    assert CHILD.secret not in repr(settings)
    assert "mother" not in repr(settings)
    _, address = start_nats("lublin", children=(CHILD,))
    assert repr(address) == "NatsAddress()"
    with pytest.raises(ValueError, match="empty"):
        NatsUser(name="x", secret="")


def test_no_child_is_taken_for_the_node_itself() -> None:
    with pytest.raises(ValueError, match="koroszczyn is no child of its own"):
        NatsSettings(name="koroszczyn", children=(CHILD,))


async def test_what_the_server_refuses_is_said(start_nats: Start) -> None:
    with pytest.raises(ChildError, match="server name cannot contain spaces"):
        start_nats("border post")


async def test_a_stream_and_the_ports_survive_a_restart(start_nats: Start) -> None:
    server, address = start_nats("lublin", children=(CHILD,), domain="lublin")
    client = await connected(address.client_url)
    await client.jetstream(domain="lublin").add_stream(name="UP", subjects=["up.lublin.>"])
    assert await acknowledged(client, "up.lublin.x") == {"stream": "UP", "domain": "lublin", "seq": 1}
    await client.close()
    for end in (server.kill, server.stop):
        end()
        assert server.start() == address
    client = await connected(address.client_url)
    assert (await client.jetstream(domain="lublin").stream_info("UP")).state.messages == 1
    await client.close()


async def test_only_a_taken_port_changes(start_nats: Start) -> None:
    server, address = start_nats("lublin", children=(CHILD,))
    server.stop()
    with socket.create_server(("127.0.0.1", urlsplit(address.leaf_urls[CHILD.name]).port)):
        moved = server.start()
    assert moved.client_url == address.client_url
    assert moved.leaf_urls != address.leaf_urls
    await (await connected(moved.client_url)).close()


async def test_a_port_that_the_operator_wants_is_kept_to(start_nats: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ChildError, match="address already in use"):
            start_nats("lublin", port=port)
    _, address = start_nats("lublin", port=port)
    assert urlsplit(address.client_url).port == port


async def test_facts_climb_one_level_and_no_further(start_nats: Start) -> None:
    region = NatsUser(name="lublin", secret="of lublin")
    _, top = start_nats("centre", children=(region,), domain="centre")
    above = top.leaf_urls["lublin"]
    middle_server, middle = start_nats("lublin", children=(CHILD,), parent_url=above, domain="lublin")
    _, bottom = start_nats("koroszczyn", parent_url=middle.leaf_urls["koroszczyn"])
    centre, region, site = [await connected(address.client_url) for address in (top, middle, bottom)]
    at_centre = centre.jetstream(domain="centre")
    await at_centre.add_stream(name="UP", subjects=["up.central.>"])
    await region.jetstream(domain="lublin").add_stream(name="UP", subjects=["up.lublin.>"])

    assert (await acknowledged(site, "up.lublin.koroszczyn.facts"))["domain"] == "lublin"
    assert (await at_centre.stream_info("UP")).state.messages == 0
    assert (await acknowledged(region, "up.central.lublin.facts"))["domain"] == "centre"
    assert (await at_centre.stream_info("UP")).state.messages == 1
    with pytest.raises(nats.js.errors.NotFoundError):
        await at_centre.find_stream_name_by_subject("up.lublin.koroszczyn.facts")

    middle_server.kill()
    with pytest.raises(UNANSWERED):
        await site.request("up.lublin.koroszczyn.facts", b"unheard", timeout=0.5)
    assert middle_server.start() == middle
    assert (await acknowledged(site, "up.lublin.koroszczyn.facts"))["domain"] == "lublin"
    for client in (centre, region, site):
        await client.close()


async def test_what_is_acknowledged_is_on_disk_and_a_leaf_learns_of_no_other_address(
    start_nats: Start, home: Path
) -> None:
    """Rule 20 of the protocol: what a broker has acknowledged survives a power failure; batches are packed already."""
    start_nats("lublin", domain="lublin", children=(CHILD,))
    told = json.loads((home / "lublin" / "nats" / "nats.conf").read_text())
    assert told["jetstream"]["sync_interval"] == "always"
    assert (told["leafnodes"]["compression"], told["leafnodes"]["no_advertise"]) == ("off", True)
