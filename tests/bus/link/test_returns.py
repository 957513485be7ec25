"""What a child gives back to the owner of a log: only what the owner lost comes back, whatever the child says."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bus.link.messages import KEPT, NOT_KEPT, NOT_NOW
from bus.link.returns import EPOCH_MAX, PLACES_MAX, REPEATED, Returns
from bus.link.tasks import Tasks
from bus.recorded import Recorded
from bus.replication import GENESIS, LogId, Record, pack
from bus.replication.clock import HybridClock
from domain.watchlist.events import EntryActivated, EntryWithdrawn
from tests.bus.link.network import Network
from tests.bus.link.nodes import Node, back_up
from tests.samples import MORNING, entry

CHILD = "lublin"


async def nobody(_: bytes) -> bytes:
    return NOT_KEPT


@pytest.fixture
async def owner() -> Node:
    return Node(Network(), "central")


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


@pytest.fixture
async def returns(owner: Node, tasks: Tasks) -> Returns:
    return returns_of(owner, tasks)


def ahead(owner: Node, by: timedelta) -> None:
    """Set the owner's clock, and begin anew with what is on record, as a process that starts."""
    owner.clock.ahead = by
    owner.changes.hybrid = HybridClock(max((one.record.hlc for one in owner.changes.tables.events.all()), default=0))


def returns_of(owner: Node, tasks: Tasks) -> Returns:
    """What comes back to a process that begins now."""
    returns = Returns("central", owner.changes.seal, owner.logs, tasks, nobody)

    def heard(recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            returns.recorded(one.log, one.seq)

    owner.changes.listeners.append(heard)
    return returns


async def recorded(owner: Node, count: int) -> tuple[LogId, Sequence[Record]]:
    await owner.record(*(EntryActivated(entry=entry()) for _ in range(count)))
    (log,) = owner.positions("central")
    return log, (await owner.logs.read(log, 1, 100))[1]


async def give(returns: Returns, log: LogId, first: int, before: bytes, records: Sequence[Record]) -> bytes:
    return await returns.take(CHILD, pack(log, first, before, records).data, lambda channel: channel != "watchlist.kl")


def state(owner: Node) -> object:
    return owner.changes.epoch, owner.positions("central"), sorted(one.id for one in owner.changes.tables.entries.all())


async def test_what_was_lost_stands_where_it_stood_and_ahead_of_what_was_recorded_since(
    owner: Node, returns: Returns
) -> None:
    await recorded(owner, 1)
    restore = back_up(owner)
    log, records = await recorded(owner, 2)
    before = await owner.logs.hash_at(log, 1)
    restore()
    await owner.record(EntryActivated(entry=entry()))
    _, (_, since) = await owner.logs.read(log, 1, 2)
    assert await give(returns, log, 2, before or b"", records[1:]) == KEPT

    assert [one.id for one in (await owner.logs.read(log, 1, 9))[1]] == [one.id for one in records]
    now = LogId("central", owner.changes.epoch, log.channel)
    assert [one.id for one in (await owner.logs.read(now, 1, 9))[1]] == [since.id]


async def placed(owner: Node) -> list[bytes]:
    """Everything of the owner's, in its order through all epochs, once."""
    logs = sorted(owner.positions("central"), key=lambda log: log.epoch)
    events = [one.id for log in logs for one in (await owner.logs.read(log, 1, 99))[1]]
    return list(dict.fromkeys(events))


async def test_what_this_process_recorded_stands_behind_whatever_its_stamps_say(owner: Node, tasks: Tasks) -> None:
    """The clock was an hour ahead when the lost ones were recorded, and has been put right since."""
    await recorded(owner, 1)
    restore = back_up(owner)
    ahead(owner, timedelta(hours=1))
    log, records = await recorded(owner, 2)
    before = await owner.logs.hash_at(log, 1) or b""
    restore()
    ahead(owner, timedelta())
    returns = returns_of(owner, tasks)
    await owner.record(EntryActivated(entry=entry()), EntryActivated(entry=entry()))
    since = (await owner.logs.read(log, 2, 9))[1]
    assert since[0].hlc < records[1].hlc

    assert await give(returns, log, 2, before, records[1:]) == KEPT
    assert await placed(owner) == [one.id for one in (*records, *since)]


async def test_what_was_recorded_in_an_earlier_epoch_since_the_loss_stands_behind_a_later_one(
    owner: Node, tasks: Tasks
) -> None:
    """The backup is of before the epoch under which the lost ones were recorded."""
    await recorded(owner, 1)
    restore = back_up(owner)
    old = owner.changes.epoch
    await owner.logs.go_on(old)
    await owner.record(EntryActivated(entry=entry()))
    later = LogId("central", owner.changes.epoch, "watchlist.pl")
    lost = (await owner.logs.read(later, 1, 9))[1]
    restore()
    returns = returns_of(owner, tasks)
    log, records = await recorded(owner, 2)
    assert log.epoch == old

    assert await give(returns, later, 1, GENESIS, lost) == KEPT
    assert await placed(owner) == [records[0].id, lost[0].id, *(one.id for one in records[1:])]


async def test_what_came_back_does_not_count_as_recorded_since(owner: Node, tasks: Tasks) -> None:
    """Two histories were lost, one after the other; the later one comes back first."""
    await recorded(owner, 1)
    restore = back_up(owner)
    log, first = await recorded(owner, 1)
    before = await owner.logs.hash_at(log, 1) or b""
    restore()
    _, second = await recorded(owner, 1)
    restore()
    returns = returns_of(owner, tasks)
    await owner.record(EntryActivated(entry=entry()))
    _, (_, since) = await owner.logs.read(log, 1, 9)
    for lost in (second, first):
        assert await give(returns, log, 2, before, lost[1:]) == KEPT
    assert await placed(owner) == [one.id for one in (*first, second[1], since)]


async def test_what_has_moved_on_is_not_put_back(owner: Node, tasks: Tasks) -> None:
    restore = back_up(owner)
    log, lost = await recorded(owner, 1)
    restore()
    returns = returns_of(owner, tasks)
    await owner.record(EntryActivated(entry=entry()))
    since = (await owner.logs.read(log, 1, 9))[1]
    assert await give(returns, log, 1, GENESIS, lost) == KEPT
    was = state(owner)
    assert await give(returns, log, 1, GENESIS, since) == KEPT
    assert state(owner) == was


async def test_what_is_on_record_changes_nothing(owner: Node, returns: Returns) -> None:
    log, records = await recorded(owner, 3)
    was = state(owner)
    assert await give(returns, log, 1, GENESIS, records) == KEPT
    assert state(owner) == was


async def test_nothing_is_taken_ahead_of_what_it_follows(owner: Node, returns: Returns) -> None:
    restore = back_up(owner)
    log, records = await recorded(owner, 3)
    before = await owner.logs.hash_at(log, 2)
    restore()
    was = state(owner)
    assert await give(returns, log, 3, before or b"", records[2:]) == NOT_NOW
    assert state(owner) == was
    assert await give(returns, log, 1, GENESIS, records[:2]) == KEPT
    assert await give(returns, log, 3, before or b"", records[2:]) == KEPT
    assert [one.id for one in (await owner.logs.read(log, 1, 9))[1]] == [one.id for one in records]


async def test_an_erased_event_that_was_made_up_moves_nothing(owner: Node, returns: Returns) -> None:
    log, records = await recorded(owner, 3)
    was = state(owner)
    made_up = Record(bytes(16), 0, None, None, bytes(32))
    for epoch in (log.epoch, log.epoch - 1, log.epoch + 1):
        await give(returns, LogId("central", epoch, log.channel), 1, GENESIS, [made_up])
        await give(returns, LogId("central", epoch, log.channel), 1, GENESIS, [*records, made_up])
    assert state(owner) == was


async def test_an_erased_event_that_was_made_up_keeps_no_lost_one_out(owner: Node, returns: Returns) -> None:
    restore = back_up(owner)
    log, records = await recorded(owner, 2)
    restore()
    await give(returns, log, 1, GENESIS, [one.erased() for one in records])
    assert owner.changes.tables.entries.all() == []
    assert await give(returns, log, 1, GENESIS, records) == KEPT
    assert len(owner.changes.tables.entries.all()) == 2


async def test_what_is_on_record_is_not_put_into_any_number_of_logs(
    owner: Node, returns: Returns, tasks: Tasks
) -> None:
    """A child says of what it bears that it stood in epochs that never were, earlier and later ones."""
    await recorded(owner, 3)
    restore = back_up(owner)
    log, records = await recorded(owner, 1)
    restore()
    shown = len(owner.changes.tables.entries.all())
    for made_up in range(log.epoch - 10, log.epoch + 10):
        assert await give(returns, LogId("central", made_up, log.channel), 1, GENESIS, records[:3]) == KEPT
    assert len([one for one in await owner.logs.held() if one.head.seq]) == PLACES_MAX
    assert tasks.tally[REPEATED] == 10 - PLACES_MAX
    assert len(owner.changes.tables.entries.all()) == shown
    assert (await owner.logs.read(log, 1, 9))[1] == records[:3]

    assert await give(returns, LogId("central", log.epoch - 11, log.channel), 1, GENESIS, records) == KEPT
    now = LogId("central", owner.changes.epoch, log.channel)
    assert (await owner.logs.read(now, 1, 9))[1] == records[3:]


async def test_what_stands_in_a_log_does_not_come_to_stand_at_its_end_again(owner: Node, returns: Returns) -> None:
    """An entry that was withdrawn is not sought again."""
    sought = entry()
    withdrawn = EntryWithdrawn(
        entry_id=sought.id, scope="pl", was_active=True, reason="x", withdrawn_by="anna", withdrawn_at=MORNING
    )
    await owner.record(EntryActivated(entry=sought), withdrawn)
    (log,) = owner.positions("central")
    _, records = await owner.logs.read(log, 1, 9)
    end = await owner.logs.hash_at(log, 2) or b""
    await owner.logs.go_on(log.epoch)
    was = state(owner)
    assert await give(returns, log, 3, end, records[:1]) == KEPT
    assert await give(returns, LogId("central", 5, log.channel), 1, GENESIS, [records[0], records[0]]) == KEPT
    assert state(owner) == was


@pytest.mark.parametrize(
    "elsewhere",
    [
        LogId("central", EPOCH_MAX + 1, "watchlist.pl"),
        LogId("central", 5, "watchlist.dorohusk"),
        LogId("central", 5, "watchlist.kl"),
        LogId("central", 5, "audit"),
        LogId("terespol", 5, "watchlist.pl"),
    ],
)
async def test_what_was_not_recorded_there_is_not_taken_there(owner: Node, returns: Returns, elsewhere: LogId) -> None:
    """Of an epoch without end, of another scope's list, of one that the child may not have, of another node."""
    _, records = await recorded(owner, 1)
    was = state(owner)
    assert await give(returns, elsewhere, 1, GENESIS, records) == NOT_KEPT
    assert state(owner) == was


async def test_what_bears_another_seal_or_is_none_is_not_taken(owner: Node, returns: Returns) -> None:
    log, _ = await recorded(owner, 1)
    was = state(owner)
    forger = Node(Network(), "forger")
    await forger.record(EntryActivated(entry=entry()))
    (there,) = forger.positions("forger")
    forged = (await forger.logs.read(there, 1, 1))[1]
    assert await give(returns, log, 2, await owner.logs.hash_at(log, 1) or b"", forged) == NOT_KEPT
    assert await returns.take(CHILD, b"\xc1", lambda _: True) == NOT_KEPT
    assert state(owner) == was
