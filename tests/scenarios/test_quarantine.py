"""A site is upgraded before its region: what the region cannot show or take is held, told of, and mended in the end."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import nats
import pytest
import pytest_asyncio

from bus.codec import encode
from bus.replication import SALT_BYTES, START, LogId, Record, pack
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.shared.actors import Role
from domain.shared.messages import Event
from sites.demo.node import Node
from sites.demo.officers import ACKNOWLEDGE, RAISE
from sites.demo.topology import PLANS, Topology
from sites.demo.waiting import until
from tests.samples import MORNING, alarm, new_id

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

CENTRE, REGION, SITE = "central", "lublin", "koroszczyn"
ROOT = Path(__file__).parents[2]
POISON = "POISON"
NEWER = f"""
import dataclasses
import bus.catalogue, bus.codec
import msgspec

known = bus.catalogue.EVENTS_BY_KIND["AlarmRaised"]
bus.catalogue.EVENTS_BY_KIND["AlarmRaised"] = dataclasses.replace(known, version=99)
encode = bus.codec.encode

def newer(event, at):
    label = getattr(getattr(event, "alarm", None), "label", None)
    if label == {POISON!r}:
        return b"\\xc1 damaged"
    return msgspec.msgpack.encode((known.kind, 99, at, event)) if label == "NEW" else encode(event, at)

bus.codec.encode = newer
"""
ALARMS = "query Alarms { alarms(first: 100) { edges { node { id label state acknowledgedBy } } } }"
HELD = """query Held { quarantinedEvents(state: HELD) { edges { node { id channel trouble reason } } }
  thisNode { quarantinedEventCount quarantinedBatchCount }
  replication { logs { origin channel quarantined } }
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def topology(http: httpx.AsyncClient) -> AsyncIterator[Topology]:
    """Centre, region and one site."""
    plans = {code: PLANS[code] for code in (CENTRE, REGION, SITE)}
    made = Topology(Path(tempfile.mkdtemp(prefix="caifs-quarantine-")), http, plans)
    try:
        made.start()
        await made.ready()
        yield made
    finally:
        await asyncio.to_thread(made.stop)
        await asyncio.to_thread(made.remove)


async def upgrade(node: Node, http: httpx.AsyncClient, folder: Path) -> None:
    """Have a node run a program that knows version 99 of alarms, writes it of one, and damages another."""
    (folder / "sitecustomize.py").write_text(NEWER)
    await asyncio.to_thread(node.stop)
    node._environment = {**node._environment, "PYTHONPATH": f"{folder}:{ROOT}"}
    node.start()
    await node.ready(http)


async def alarms(topology: Topology, code: str) -> dict[str, tuple[str, str]]:
    """Return state and taker of each alarm at a node, by label."""
    officer = topology.desk(code, "anna", (Role.OFFICER,))
    edges = (await officer.look(ALARMS))["alarms"]["edges"]
    return {edge["node"]["label"]: (edge["node"]["state"], edge["node"]["acknowledgedBy"]) for edge in edges}


async def shows(topology: Topology, code: str, label: str, state: str) -> bool:
    return (await alarms(topology, code)).get(label, ("", ""))[0] == state


async def raise_alarm(topology: Topology, label: str) -> str:
    wish = {"idempotencyKey": str(uuid4()), "lane": "in-1", "label": label, "priority": 3, "text": "x"}
    answer = await topology.desk(SITE, "anna", (Role.OFFICER,)).ask(RAISE, wish)
    return str(answer["alarm"]["id"])


async def take(topology: Topology, alarm_id: str) -> None:
    await topology.desk(SITE, "anna", (Role.OFFICER,)).ask(
        ACKNOWLEDGE, {"idempotencyKey": str(uuid4()), "alarmId": alarm_id}
    )


async def held(topology: Topology, code: str) -> list[tuple[str, str]]:
    """Return trouble and reason of what a node holds, oldest first; its counts say the same."""
    answer = await topology.desk(code, "celina", (Role.ADMINISTRATOR,)).look(HELD)
    found = [edge["node"] for edge in answer["quarantinedEvents"]["edges"]][::-1]
    counted = sum(int(log["quarantined"]) for log in answer["replication"]["logs"])
    assert int(answer["thisNode"]["quarantinedEventCount"]) == len(found) == counted
    return [(one["trouble"], one["reason"]) for one in found]


async def caifs(node: Node, *arguments: str) -> tuple[int, str]:
    """Run ``caifs quarantine`` beside a node; return its exit code and what it printed."""
    command = [sys.executable, "-m", "sites.cli", "quarantine", *arguments, "--state", str(node.state)]
    ended: Callable[..., subprocess.CompletedProcess[str]] = partial(
        subprocess.run, command, cwd=ROOT, check=False, capture_output=True, text=True
    )
    done = await asyncio.to_thread(ended)
    return done.returncode, done.stdout + done.stderr


async def listed(node: Node, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    code, printed = await caifs(node, "list", "--json", *arguments)
    assert code == 0, printed
    told: dict[str, list[dict[str, Any]]] = json.loads(printed)
    return told


async def test_what_waits_for_an_upgrade_is_shown_by_it_with_all_that_waited_for_it(
    topology: Topology, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    region, site = topology.nodes[REGION], topology.nodes[SITE]
    old = await raise_alarm(topology, "OLD")
    await until(partial(shows, topology, CENTRE, "OLD", "RAISED"), "the alarm is at the centre")
    await upgrade(site, http, tmp_path)
    new = await raise_alarm(topology, "NEW")
    await raise_alarm(topology, POISON)
    await take(topology, new)
    await take(topology, old)
    for code in (REGION, CENTRE):
        await until(partial(shows, topology, code, "OLD", "ACKNOWLEDGED"), f"the log goes on at {code}")
        assert await held(topology, code) == [
            ("PARKED", "EventTooNew: AlarmRaised version 99"),
            ("POISON", "EventUnreadable: the frame"),
            ("PARKED", "RowMissing: alarm"),
        ]
        assert not {"NEW", POISON} & set(await alarms(topology, code)), "neither is shown"

    events = (await listed(region))["events"]
    assert [one["trouble"] for one in events] == ["PARKED", "POISON", "PARKED"]
    code, printed = await caifs(region, "replay", events[2]["id"])
    assert (code, "EventTooNew: AlarmRaised version 99" in printed) == (1, True)

    await upgrade(region, http, tmp_path)
    assert (await alarms(topology, REGION))["NEW"] == ("ACKNOWLEDGED", "anna")
    assert await held(topology, REGION) == [("POISON", "EventUnreadable: the frame")]
    (poison,) = (await listed(region))["events"]
    assert (await caifs(region, "set-aside", poison["id"], "--reason", "a faulty camera"))[0] == 0
    assert await held(topology, REGION) == []
    assert (await listed(region))["events"] == []
    assert [one["state"] for one in (await listed(region, "--all"))["events"]] == ["REPLAYED", "SET_ASIDE", "REPLAYED"]
    assert len(await held(topology, CENTRE)) == 3, "it has not been upgraded"
    assert (await alarms(topology, CENTRE))["OLD"] == ("ACKNOWLEDGED", "anna")


async def test_what_was_held_up_in_another_log_is_shown_when_that_comes(topology: Topology) -> None:
    raised = alarm(node="dorohusk", label="LATE")
    taken = AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="anna", acknowledged_at=MORNING)
    before = await held(topology, CENTRE)
    await pass_on(topology, LogId("dorohusk", 6, "alarms"), taken)
    waits = ("PARKED", "RowMissing: alarm")

    async def is_held() -> bool:
        return sorted(await held(topology, CENTRE)) == sorted([*before, waits])

    await until(is_held, "the centre holds what waits")
    await pass_on(topology, LogId("dorohusk", 5, "alarms"), AlarmRaised(alarm=raised))
    await until(partial(shows, topology, CENTRE, "LATE", "ACKNOWLEDGED"), "it shows without anybody's asking")
    assert await held(topology, CENTRE) == before


async def pass_on(topology: Topology, log: LogId, event: Event) -> None:
    """Have the region send the only event of another node's log to the centre."""
    record = Record(UUID(new_id()).bytes, log.epoch << 40, bytes(SALT_BYTES), encode(event, MORNING))
    client = await nats.connect(
        topology.nodes[REGION]._environment["CAIFS_PARENT_URL"], inbox_prefix=f"_INBOX.{REGION}".encode()
    )
    await client.jetstream().publish(f"up.{CENTRE}.{REGION}.alarms", pack(log, 1, START.hash, [record]).data)
    await client.close()


async def test_junk_on_a_childs_own_subject_is_held_and_in_nobodys_way(topology: Topology) -> None:
    region, parent_url = topology.nodes[REGION], topology.nodes[SITE]._environment["CAIFS_PARENT_URL"]
    client = await nats.connect(parent_url, inbox_prefix=f"_INBOX.{SITE}".encode())
    await client.jetstream().publish(f"up.{REGION}.{SITE}.facts", b"\xff no batch")
    await client.close()
    admin = topology.desk(REGION, "celina", (Role.ADMINISTRATOR,))

    async def is_held() -> bool:
        return bool((await admin.look(HELD))["thisNode"]["quarantinedBatchCount"] == 1)

    await until(is_held, "the region holds the batch")
    await raise_alarm(topology, "AFTER")
    await until(partial(shows, topology, REGION, "AFTER", "RAISED"), "the log goes on")
    (batch,) = (await listed(region))["batches"]
    assert (batch["child"], batch["known"], batch["size"]) == (SITE, True, len(b"\xff no batch"))
    assert batch["reason"].startswith("BatchUnreadable")
    code, printed = await caifs(region, "replay", batch["id"])
    assert (code, "BATCH_STILL_REFUSED" in printed, "BatchUnreadable" in printed) == (1, True, True)
    assert (await caifs(region, "set-aside", batch["id"], "--reason", "noise"))[0] == 0
    assert (await listed(region))["batches"] == []
    assert not await is_held()


async def test_the_command_tells_what_makes_no_sense(topology: Topology, tmp_path: Path) -> None:
    region = topology.nodes[REGION]
    assert (await caifs(region, "replay"))[0] == 2
    assert (await caifs(region, "replay", "--log", "x"))[0] == 2
    code, printed = await caifs(region, "replay", str(uuid4()))
    assert (code, "QUARANTINED_BATCH_UNKNOWN" in printed) == (1, True)
    code, printed = await caifs(region, "replay", "--log", "koroszczyn/5/alarms")
    assert (code, printed.strip()) == (0, "0 shown, 0 still held")
    nobody = Node(region.plan, tmp_path, {"CAIFS_HTTP_PORT": "1"})
    assert (await caifs(nobody, "list"))[0] == 2
    code, printed = await caifs(region, "list")
    assert (code, printed.strip()) == (0, "nothing is in quarantine")
