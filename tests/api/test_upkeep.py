"""Quarantine of the link over GraphQL: listed, tried again, set aside, each act on audit."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.memory.upkeep import MemoryBatches
from api.ids import global_id
from bus.catalogue import EVENTS_BY_KIND
from bus.link.batches import STRANGERS, Untaken
from bus.replication import pack, unpack
from bus.replication.chain import GENESIS
from bus.replication.log import LogId
from domain.alarms.events import AlarmRaised
from domain.shared.actors import Role
from domain.shared.views import Window
from tests.api.nodes import Node, key, memory_node
from tests.contracts.test_held_events import LATER, bodies, newer, raised_and_taken
from tests.contracts.test_logs import batch_of
from tests.samples import new_id

ALARMS = LogId("koroszczyn", 5, "alarms")
EVENTS = """query ($state: QuarantineState, $trouble: Trouble, $origin: String) {
  quarantinedEvents(state: $state, trouble: $trouble, origin: $origin) { edges { node {
    id origin epoch channel seq size trouble state reason note settledBy
  } } }
  thisNode { quarantinedEventCount }
}"""
BATCHES = """query ($state: QuarantineState, $child: String) {
  quarantinedBatches(state: $state, child: $child) { edges { node {
    id child known refused origin epoch channel first last size state reason note settledBy
  } } }
  thisNode { quarantinedBatchCount droppedBatches { child count } }
}"""
REPLAY_EVENT = """mutation ($input: QuarantinedEventReplayInput!) { quarantinedEventReplay(input: $input) {
  __typename ... on QuarantinedEventReplaySuccess { shown held } ... on Problem { code path facts { name values } }
} }"""
EVENT_ASIDE = """mutation ($input: QuarantinedEventSetAsideInput!) { quarantinedEventSetAside(input: $input) {
  __typename ... on QuarantinedEventSetAsideSuccess { quarantinedEvent { state note settledBy } }
  ... on Problem { code path }
} }"""
REPLAY_BATCH = """mutation ($input: QuarantinedBatchReplayInput!) { quarantinedBatchReplay(input: $input) {
  __typename ... on QuarantinedBatchSuccess { quarantinedBatch { state settledBy } }
  ... on Problem { code path facts { name values } }
} }"""
BATCH_ASIDE = """mutation ($input: QuarantinedBatchSetAsideInput!) { quarantinedBatchSetAside(input: $input) {
  __typename ... on QuarantinedBatchSuccess { quarantinedBatch { state note } } ... on Problem { code path }
} }"""


async def ask(node: Node, document: str, **wish: object) -> Any:
    """Ask for something and return the answer."""
    given = {"idempotencyKey": key(), **wish}
    (answer,) = (await node.ask(document, Role.ADMINISTRATOR, purpose="", input=given)).values()
    return answer


async def events(node: Node, **variables: object) -> list[Any]:
    data = await node.ask(EVENTS, Role.ADMINISTRATOR, purpose="", **variables)
    return [edge["node"] for edge in data["quarantinedEvents"]["edges"]]


async def batches(node: Node, **variables: object) -> list[Any]:
    data = await node.ask(BATCHES, Role.ADMINISTRATOR, purpose="", **variables)
    return [edge["node"] for edge in data["quarantinedBatches"]["edges"]]


async def actions(node: Node) -> list[tuple[str, str]]:
    records = (await node.views.audit_records(Window(limit=100))).items
    return [(record.action, record.outcome) for record in records][::-1]


@pytest.fixture
async def alarm_id(region: Node) -> str:
    """An alarm of a site whose program is newer, and that was taken there; and a damaged event between."""
    alarm_id, (raised, _, taken) = raised_and_taken()
    await region.logs.apply([batch_of(bodies(newer(raised), b"\xc1", taken), log=ALARMS)], "koroszczyn")
    return alarm_id


@pytest.mark.usefixtures("alarm_id")
async def test_held_events_are_listed_and_counted(region: Node) -> None:
    found = await events(region)

    assert [(each["seq"], each["trouble"], each["state"], each["reason"]) for each in found] == [
        ("3", "PARKED", "HELD", "RowMissing: alarm"),
        ("2", "POISON", "HELD", "EventUnreadable: the frame"),
        ("1", "PARKED", "HELD", "EventTooNew: AlarmRaised version 99"),
    ]
    assert (found[0]["origin"], found[0]["epoch"], found[0]["channel"]) == ("koroszczyn", "5", "alarms")
    assert [each["seq"] for each in await events(region, trouble="POISON")] == ["2"]
    assert await events(region, origin="dorohusk") == await events(region, state="SET_ASIDE") == []
    counted = await region.ask(EVENTS, Role.ADMINISTRATOR)
    assert counted["thisNode"]["quarantinedEventCount"] == "3"


@pytest.mark.usefixtures("alarm_id")
async def test_bytes_are_shown_for_a_purpose_and_the_look_is_on_audit(region: Node) -> None:
    (poison,) = await events(region, trouble="POISON")
    look = "query ($id: ID!) { quarantinedEvent(id: $id) { seq } quarantinedEventBytes(id: $id) }"

    assert await region.refused(look, Role.ADMINISTRATOR, purpose="", id=poison["id"]) == ["PURPOSE_MISSING"]
    shown = await region.ask(look, Role.ADMINISTRATOR, id=poison["id"])
    assert (shown["quarantinedEvent"]["seq"], b64decode(shown["quarantinedEventBytes"])) == ("2", b"\xc1")
    assert ("quarantinedEventBytes", "consulted") in await actions(region)
    nothing = await region.ask(look, Role.ADMINISTRATOR, id=global_id("QuarantinedEvent", new_id()))
    assert nothing == {"quarantinedEvent": None, "quarantinedEventBytes": None}


async def test_a_log_is_replayed_after_the_upgrade_and_a_repeated_key_answers_the_same(
    region: Node, alarm_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = {"origin": "koroszczyn", "epoch": "5", "channel": "alarms"}
    assert (await ask(region, REPLAY_EVENT, log=log)) == answered(shown="0", held="3")
    first = (await events(region))[2]["id"]
    refusal = await ask(region, REPLAY_EVENT, eventId=first)
    assert (refusal["code"], refusal["path"]) == ("EVENT_STILL_REFUSED", ["eventId"])
    assert refusal["facts"] == [{"name": "reason", "values": ["EventTooNew: AlarmRaised version 99"]}]
    known = EVENTS_BY_KIND[AlarmRaised.__name__]
    monkeypatch.setitem(EVENTS_BY_KIND, known.kind, replace(known, version=LATER))  # type: ignore[arg-type] # a dict
    wish = {"idempotencyKey": key(), "eventId": first}
    for _ in range(2):
        assert await ask(region, REPLAY_EVENT, **wish) == answered(shown="2", held="0")

    alarm = await region.views.alarm(alarm_id)
    assert alarm is not None
    assert alarm.acknowledged_by == "anna"
    assert {each["settledBy"] for each in await events(region, state="REPLAYED")} == {"jan"}
    assert (await ask(region, REPLAY_EVENT, eventId=first))["code"] == "QUARANTINED_EVENT_SETTLED"
    assert await actions(region) == [
        ("ReplayLog", "done"),
        ("ReplayEvent", "refused:EVENT_STILL_REFUSED"),
        ("ReplayEvent", "done"),
        ("ReplayEvent", "answered_again"),
        ("ReplayEvent", "refused:QUARANTINED_EVENT_SETTLED"),
    ]


def answered(shown: str, held: str) -> dict[str, str]:
    return {"__typename": "QuarantinedEventReplaySuccess", "shown": shown, "held": held}


@pytest.mark.parametrize("epoch", ["", "x", "-1", "9" * 19, "²"])
async def test_a_replay_is_of_one_event_or_one_log(region: Node, epoch: str) -> None:
    log = {"origin": "koroszczyn", "epoch": epoch, "channel": "alarms"}
    assert (await ask(region, REPLAY_EVENT))["code"] == "REPLAY_AMBIGUOUS"
    assert (await ask(region, REPLAY_EVENT, log=log, eventId="x"))["code"] == "REPLAY_AMBIGUOUS"
    assert (await ask(region, REPLAY_EVENT, log=log))["path"] == ["log", "epoch"]
    assert (await ask(region, REPLAY_EVENT, eventId="x"))["code"] == "ID_MALFORMED"


@pytest.mark.usefixtures("alarm_id")
async def test_an_event_is_set_aside_for_a_reason(region: Node) -> None:
    (poison,) = await events(region, trouble="POISON")
    assert (await ask(region, EVENT_ASIDE, eventId=poison["id"], reason=" "))["code"] == "TEXT_MISSING"
    aside = await ask(region, EVENT_ASIDE, eventId=poison["id"], reason="a test of the line")
    assert aside["quarantinedEvent"] == {"state": "SET_ASIDE", "note": "a test of the line", "settledBy": "jan"}
    assert len(await events(region, state="HELD")) == 2
    unknown = global_id("QuarantinedEvent", new_id())
    assert (await ask(region, EVENT_ASIDE, eventId=unknown, reason="x"))["code"] == "QUARANTINED_EVENT_UNKNOWN"


@pytest.fixture
async def parent(tmp_path: Path) -> Node:
    """A region whose link takes batches of ``koroszczyn`` that can be read, and none but those."""

    async def replay(child: str, data: bytes) -> str | None:
        if not data.startswith(b"\xff"):
            await made.logs.apply([unpack(data)], child)
            return None
        return "BatchUnreadable: no header"

    made = memory_node(tmp_path, "region-lublin", "region", replay_batch=replay)
    return made


async def keep(node: Node, data: bytes, child: str = "koroszczyn", *, refused: bool = False) -> str:
    """Have a batch kept and return its id."""
    kept = MemoryBatches(node.changes.tables, clock=node.clock, ids=node.doors.ids)
    room = child if child == "koroszczyn" else STRANGERS
    await kept.keep(
        Untaken(child=child, room=room, data=data, reason="BatchUnreadable", header=None, is_refused=refused)
    )
    return str((await batches(node))[0]["id"])


async def test_held_batches_are_listed_and_shown_for_a_purpose(parent: Node) -> None:
    await keep(parent, b"\xff strange", child="nobody")
    batch_id = await keep(parent, b"\xff junk")

    assert {(each["child"], each["known"], each["size"]) for each in await batches(parent)} == {
        ("koroszczyn", True, 6),
        ("nobody", False, 9),
    }
    assert len(await batches(parent, child="nobody", state="HELD")) == 1
    look = "query ($id: ID!) { quarantinedBatch(id: $id) { reason origin } quarantinedBatchBytes(id: $id) }"
    assert await parent.refused(look, Role.ADMINISTRATOR, purpose="", id=batch_id) == ["PURPOSE_MISSING"]
    shown = await parent.ask(look, Role.ADMINISTRATOR, id=batch_id)
    assert shown["quarantinedBatch"] == {"reason": "BatchUnreadable", "origin": None}
    assert b64decode(shown["quarantinedBatchBytes"]) == b"\xff junk"
    counted = await parent.ask(BATCHES, Role.ADMINISTRATOR)
    assert counted["thisNode"] == {"quarantinedBatchCount": 2, "droppedBatches": []}


async def test_a_batch_is_replayed_through_the_link_and_set_aside_when_that_is_in_vain(parent: Node) -> None:
    junk = await keep(parent, b"\xff junk")
    refusal = await ask(parent, REPLAY_BATCH, batchId=junk)
    assert (refusal["code"], refusal["path"]) == ("BATCH_STILL_REFUSED", ["batchId"])
    assert refusal["facts"] == [{"name": "reason", "values": ["BatchUnreadable: no header"]}]
    aside = await ask(parent, BATCH_ASIDE, batchId=junk, reason="noise")
    assert aside["quarantinedBatch"] == {"state": "SET_ASIDE", "note": "noise"}
    assert (await ask(parent, REPLAY_BATCH, batchId=junk))["code"] == "QUARANTINED_BATCH_SETTLED"

    alarm_id, (raised, *_) = raised_and_taken()
    good = await keep(parent, packed(raised))
    for _ in range(2):
        taken = await ask(parent, REPLAY_BATCH, batchId=good)
        assert taken["quarantinedBatch"] == {"state": "REPLAYED", "settledBy": "jan"}
    assert await parent.views.alarm(alarm_id) is not None
    assert (await ask(parent, BATCH_ASIDE, batchId=good, reason="x"))["code"] == "QUARANTINED_BATCH_SETTLED"
    ours = await keep(parent, b"ours", refused=True)
    assert (await ask(parent, REPLAY_BATCH, batchId=ours))["code"] == "BATCH_NOT_FOR_THIS_NODE"
    unknown = global_id("QuarantinedBatch", new_id())
    assert (await ask(parent, REPLAY_BATCH, batchId=unknown))["code"] == "QUARANTINED_BATCH_UNKNOWN"
    assert ("NoteBatchTaken", "refused:BATCH_STILL_REFUSED") in await actions(parent)
    assert ("NoteBatchTaken", "done") in await actions(parent)


def packed(raised: Any) -> bytes:
    return pack(ALARMS, 1, GENESIS, bodies(raised)).data
