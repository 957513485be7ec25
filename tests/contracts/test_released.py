"""What released versions send is read for ever: their recorded batches decode, chain, and say what they said."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bus.catalogue import EVENTS_BY_KIND
from bus.codec import decode
from bus.replication import START, Apply, judge, unpack
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Window
from tests.contracts.backends import Node

ORIGIN = "hrebenne"  # of the recorded batches: whoever records is whose the rows are
HERE = Path(__file__).parents[1] / "released"
BATCHES = sorted(HERE.glob("*/*.batch"))
VERSIONS = sorted({path.parent.name for path in BATCHES})


def holds(said: Any, now: Any) -> bool:
    """Tell whether all that a release said of an event is still said; later versions may say more."""
    if isinstance(said, dict):
        return isinstance(now, dict) and all(key in now and holds(value, now[key]) for key, value in said.items())
    if isinstance(said, list):
        return len(said) == len(now) and all(holds(*pair) for pair in zip(said, now, strict=True))
    return bool(said == now)


@pytest.mark.parametrize("path", BATCHES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_recorded_batch_is_read_as_it_was_meant(path: Path) -> None:
    batch = unpack(path.read_bytes())
    said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))

    assert isinstance(judge(START, batch, None), Apply), "the chain holds"
    now = []
    for record in batch.records:
        assert record.body is not None
        kind, _, event = decode(record.body)
        now.append({"kind": kind, "event": json.loads(msgspec.json.encode(event))})
    assert holds(said, now)


async def apply(version: str, node: Node) -> None:
    for path in sorted((HERE / version).glob("*.batch")):
        applied = await node.logs.apply([unpack(path.read_bytes())], "neighbour")
        assert isinstance(applied[0].verdict, Apply)


def said_of(version: str, kind: str) -> list[Any]:
    """Return what a release said of the events of a kind."""
    told = [one for path in (HERE / version).glob("*.json") for one in json.loads(path.read_text("utf-8"))]
    return [one["event"] for one in told if one["kind"] == kind]


@pytest.mark.parametrize("version", VERSIONS)
async def test_recorded_batches_are_applied_and_none_is_quarantined(version: str, node: Node) -> None:
    await apply(version, node)

    statuses = await node.views.statuses()
    assert [one for one in statuses if one.quarantined or one.projected != one.seq] == []
    kinds = {one["kind"] for path in (HERE / version).glob("*.json") for one in json.loads(path.read_text("utf-8"))}
    assert {one.kind for one in node.arrived} == kinds


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_a_release_recorded_shows_as_it_was_meant(version: str, node: Node) -> None:
    await apply(version, node)

    (raised,), (taken,) = said_of(version, "AlarmRaised"), said_of(version, "AlarmAcknowledged")
    handled = {**without("alarm_id", taken), "state": "acknowledged", "repeats": 1, "node": ORIGIN}
    assert holds({**raised["alarm"], **handled}, told(await node.views.alarm(raised["alarm"]["id"])))
    (registered,) = said_of(version, "Registered")
    registration = await node.views.registration(registered["registration"]["id"])
    assert holds({**registered["registration"], "node": ORIGIN}, told(registration))
    (activated,), (submitted,) = said_of(version, "EntryActivated"), said_of(version, "EntrySubmitted")
    assert holds({**activated["entry"], "state": "withdrawn"}, told(await node.views.entry(activated["entry"]["id"])))
    assert holds(submitted["entry"], told(await node.views.entry(submitted["entry"]["id"])))
    (enrolled,), (renewed,), (withdrawn,) = (
        said_of(version, f"Device{act}") for act in ("Enrolled", "KeyRenewed", "Withdrawn")
    )
    device = {"key_digest": renewed["key_digest"], "withdrawn_at": withdrawn["withdrawn_at"]}
    assert holds({**enrolled["device"], **device}, told(await node.views.device(enrolled["device"]["code"])))
    (audited,) = said_of(version, "Audited")
    records = await node.views.audit_records(Window(limit=10))
    assert [holds(without("record_id", audited), told(one)) for one in records.items] == [True]
    readings = said_of(version, "ReadingTaken")
    shown = await node.views.readings([one["registration_id"] for one in readings])
    assert {one.id for one in shown} == {one["reading_id"] for one in readings}
    (push,) = (await node.views.quarantine(Window(limit=10))).items
    assert (push.id, push.state) == (said_of(version, "PushQuarantined")[0]["push_id"], QuarantineState.SET_ASIDE)


def told(shown: object) -> Any:
    return json.loads(msgspec.json.encode(shown))


def without(key: str, said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != key}


def test_the_first_release_recorded_every_kind_it_knew() -> None:
    kinds = {one["kind"] for path in (HERE / "0.1.0").glob("*.json") for one in json.loads(path.read_text("utf-8"))}
    assert kinds <= EVENTS_BY_KIND.keys()
    assert len(kinds) == 18
