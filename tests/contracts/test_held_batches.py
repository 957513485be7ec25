"""Batches that cannot be taken: kept once, in bounded room for each child, settled by who comes again or by hand."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.database.batches import DatabaseBatches
from adapters.memory.changes import MemoryChanges
from adapters.memory.ids import SeededIds
from adapters.memory.upkeep import MemoryBatches
from bus.link.batches import STRANGERS, BatchQuarantine, Untaken
from bus.replication.batch import Header
from bus.replication.log import LogId
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Window
from domain.upkeep import handlers
from domain.upkeep.commands import NoteBatchTaken, SetBatchAside
from domain.upkeep.errors import BatchNotKept, QuarantinedBatchSettled, QuarantinedBatchUnknown
from domain.upkeep.model import DroppedBatches, QuarantinedBatch
from tests.contracts.backends import Node
from tests.samples import NODE, new_id

FACTS = LogId("koroszczyn", 5, "facts")
ALL = Window(limit=100)


@pytest.fixture
async def kept(node: Node) -> AsyncIterator[BatchQuarantine]:
    """Where the node under test keeps what cannot be taken."""
    ids = SeededIds(node.clock, seed="batches")
    if isinstance(node.changes, MemoryChanges):
        yield MemoryBatches(node.changes.tables, clock=node.clock, ids=ids)
    else:
        yield DatabaseBatches(node.changes._database, clock=node.clock, ids=ids)  # type: ignore[attr-defined] # a database's


def untaken(data: bytes = b"\xff junk", first: int | None = None, child: str = "koroszczyn", **fields: bool) -> Untaken:
    """Return what a child sent; with a place in its log where ``first`` is given."""
    header = first and Header(
        version=2, log=FACTS, first=first, last=first + 9, n=10, before=bytes(32), after=bytes(32), hlc=1, generation=1
    )
    room = child if child in ("koroszczyn", "dorohusk") else STRANGERS
    return Untaken(child=child, room=room, data=data, reason="BatchTooNew", header=header or None, **fields)


async def held(node: Node, child: str | None = None) -> list[QuarantinedBatch]:
    page = await node.views.quarantined_batches(ALL, state=QuarantineState.HELD, child=child)
    if child is None:
        assert await node.views.held_batch_count() == len(page.items)
    return list(page.items)[::-1]


async def test_a_batch_is_kept_with_its_bytes_and_what_it_says_of_itself(node: Node, kept: BatchQuarantine) -> None:
    await kept.keep(untaken(b"newer", first=4))

    (one,) = await held(node)
    expected = QuarantinedBatch(
        id=one.id,
        child="koroszczyn",
        known=True,
        refused=False,
        origin="koroszczyn",
        epoch=5,
        channel="facts",
        first=4,
        last=13,
        size=5,
        state=QuarantineState.HELD,
        reason="BatchTooNew",
        at=node.clock.now(),
    )
    assert one == expected
    assert await node.views.quarantined_batch(one.id) == (expected, b"newer")
    assert await node.ask(lambda change: change.held_batches.find(one.id)) == expected
    assert await node.views.quarantined_batch(new_id()) is None
    await kept.keep(untaken(b"junk", child="nobody"))
    (stranger,) = await held(node, "nobody")
    assert (stranger.known, stranger.origin, stranger.first) == (False, None, None)


async def test_what_comes_again_replaces_what_is_held(node: Node, kept: BatchQuarantine) -> None:
    for data in (b"attempt 1", b"attempt 2"):
        await kept.keep(untaken(data, first=4))
        await kept.keep(untaken(b"junk"))
    await kept.keep(untaken(b"other", first=14))
    await kept.keep(untaken(b"handed back", first=4, is_refused=True))
    await kept.keep(untaken(b"junk", child="dorohusk"))

    assert [(one.child, one.first, one.refused, one.size) for one in await held(node)] == [
        ("koroszczyn", 4, False, 9),
        ("koroszczyn", None, False, 4),
        ("koroszczyn", 14, False, 5),
        ("koroszczyn", 4, True, 11),
        ("dorohusk", None, False, 4),
    ]


async def test_what_is_set_aside_stays_so_when_it_comes_again(node: Node, kept: BatchQuarantine) -> None:
    """Its sender tries again now and then, and after each restart: nobody has to decide twice."""
    await kept.keep(untaken(b"newer", first=4))
    (one,) = await held(node)
    await aside(node, one.id)
    await kept.keep(untaken(b"newer again", first=4))
    assert await held(node) == []
    found, data = await node.views.quarantined_batch(one.id) or (None, b"")
    assert (found and found.state, found and found.size, data) == (QuarantineState.SET_ASIDE, 11, b"newer again")

    await kept.keep(untaken(b"newer", first=14))
    await kept.keep(replace(untaken(b"newer", first=4), reason="BatchUnreadable"))
    assert [other.first for other in await held(node)] == [14, 4]


async def test_a_log_that_goes_on_settles_what_was_held_of_it(node: Node, kept: BatchQuarantine) -> None:
    for first in (1, 11):
        await kept.keep(untaken(first=first))
    await kept.keep(untaken(first=1, is_refused=True))
    await kept.keep(untaken(b"junk"))

    assert await kept.settle("dorohusk", FACTS, 20)
    assert not await kept.settle("koroszczyn", FACTS, 19)
    assert [(one.first, one.refused) for one in await held(node)] == [(11, False), (1, True), (None, False)]
    assert await kept.settle("koroszczyn", FACTS, 20)
    assert [(one.first, one.refused) for one in await held(node)] == [(1, True), (None, False)]
    page = await node.views.quarantined_batches(ALL, state=QuarantineState.REPLAYED)
    assert {(one.note, one.settled_by, one.settled_at) for one in page.items} == {
        ("it came again", "", node.clock.now())
    }


async def test_the_newest_of_each_child_stay_and_a_stranger_crowds_out_nobody(
    node: Node, kept: BatchQuarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, count=3, size=1_000)
    await kept.keep(untaken(b"of a child"))
    for number in range(10):
        await kept.keep(untaken(b"%d" % number, child=f"stranger-{number}"))

    assert [one.child for one in await held(node)] == ["koroszczyn", "stranger-7", "stranger-8", "stranger-9"]
    assert await node.views.dropped_batches() == [DroppedBatches(child=STRANGERS, count=7, last_at=node.clock.now())]
    limit(monkeypatch, count=100, size=25)
    for number in range(4):
        await kept.keep(untaken(b"10 bytes %d" % number))
    assert [one.size for one in await held(node, "koroszczyn")] == [10, 10]
    assert await node.views.dropped_batches() == [
        DroppedBatches(child=STRANGERS, count=7, last_at=node.clock.now()),
        DroppedBatches(child="koroszczyn", count=3, last_at=node.clock.now()),
    ]


async def test_what_gave_way_never_makes_room(
    node: Node, kept: BatchQuarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, count=2, size=1_000)
    for first in (1, 11):
        await kept.keep(untaken(b"gave way", first=first, is_refused=True))
    for first in (21, 31, 41):
        await kept.keep(untaken(b"sent", first=first))
    with pytest.raises(BatchNotKept):
        await kept.keep(untaken(b"more", first=51, is_refused=True))
    await kept.keep(untaken(b"the same", first=11, is_refused=True))

    assert [(one.first, one.refused) for one in await held(node)] == [(1, True), (31, False), (41, False), (11, True)]
    assert await node.views.dropped_batches() == [DroppedBatches(child="koroszczyn", count=1, last_at=node.clock.now())]
    limit(monkeypatch, count=100, size=20)
    with pytest.raises(BatchNotKept):
        await kept.keep(untaken(b"5 bytes", first=51, is_refused=True))


async def test_what_gave_way_and_is_set_aside_makes_room(
    node: Node, kept: BatchQuarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, count=1, size=1_000)
    await kept.keep(untaken(b"gave way", first=1, is_refused=True))
    (one,) = await held(node)
    await aside(node, one.id)
    await kept.keep(untaken(b"more", first=11, is_refused=True))

    assert [one.first for one in await held(node)] == [11]
    assert await node.views.quarantined_batch(one.id) is None
    assert await node.views.dropped_batches() == []


async def test_what_is_settled_makes_room_first_and_is_not_missed(
    node: Node, kept: BatchQuarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, count=2, size=1_000)
    for data in (b"1", b"2"):
        await kept.keep(untaken(data))
    _, newer = await held(node)
    await aside(node, newer.id)
    await kept.keep(untaken(b"3"))

    assert [(await node.views.quarantined_batch(one.id) or ("", b""))[1] for one in await held(node)] == [b"1", b"3"]
    assert await node.views.quarantined_batch(newer.id) is None
    assert await node.views.dropped_batches() == []


def limit(monkeypatch: pytest.MonkeyPatch, count: int, size: int) -> None:
    for module in ("adapters.database.batches", "adapters.memory.upkeep"):
        monkeypatch.setattr(f"{module}.ROOM_BATCHES", count)
        monkeypatch.setattr(f"{module}.ROOM_BYTES", size)


async def aside(node: Node, batch_id: str, reason: str = "a test of the line") -> None:
    command = SetBatchAside(batch_id=batch_id, reason=reason)
    await node.ask(lambda change: handlers.set_batch_aside(command, change))


async def test_a_batch_is_set_aside_for_a_reason_or_noted_as_taken(node: Node, kept: BatchQuarantine) -> None:
    await kept.keep(untaken(b"1"))
    await kept.keep(untaken(b"2"))
    first, second = await held(node)
    await aside(node, first.id)
    taken = NoteBatchTaken(batch_id=second.id)
    for _ in range(2):
        await node.ask(lambda change: handlers.note_batch_taken(taken, change))

    assert await held(node) == []
    page = await node.views.quarantined_batches(ALL)
    assert [(one.state, one.note, one.settled_by) for one in page.items] == [
        (QuarantineState.REPLAYED, "", NODE),
        (QuarantineState.SET_ASIDE, "a test of the line", NODE),
    ]
    with pytest.raises(QuarantinedBatchSettled):
        await aside(node, first.id)
    with pytest.raises(QuarantinedBatchUnknown):
        await aside(node, new_id())
