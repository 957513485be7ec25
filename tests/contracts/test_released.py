"""What released versions send is read for ever: their recorded batches decode, chain, and say what they said."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bus.catalogue import EVENTS_BY_KIND
from bus.codec import decode
from bus.replication import START, Apply, judge, unpack
from tests.contracts.backends import Node

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


@pytest.mark.parametrize("version", VERSIONS)
async def test_recorded_batches_are_applied_and_show_in_the_tables(version: str, node: Node) -> None:
    for path in sorted((HERE / version).glob("*.batch")):
        applied = await node.logs.apply([unpack(path.read_bytes())], "neighbour")
        assert isinstance(applied[0].verdict, Apply)

    assert {status.quarantined for status in await node.views.statuses()} == {0}
    kinds = {one["kind"] for path in (HERE / version).glob("*.json") for one in json.loads(path.read_text("utf-8"))}
    assert {one.kind for one in node.arrived} == kinds


def test_the_first_release_recorded_every_kind_it_knew() -> None:
    kinds = {one["kind"] for path in (HERE / "0.1.0").glob("*.json") for one in json.loads(path.read_text("utf-8"))}
    assert kinds <= EVENTS_BY_KIND.keys()
    assert len(kinds) == 18
