"""What the centre has confirmed goes after a while; what it shows stays, and the log is read from there on."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from bus.ports import WholeChange
from bus.replication.digests import ChainCheck
from bus.replication.log import LogId, Position
from bus.replication.record import Record
from bus.verification.ports import Judged
from domain.alarms.events import AlarmRaised
from domain.registrations.events import Registered
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import Node
from tests.contracts.test_held_events import bodies, newer
from tests.contracts.test_logs import batch_of, ids, shown
from tests.samples import NODE, alarm, audited, entry, push_quarantined, registration

DAY = timedelta(days=1)


async def confirm(node: Node, log: LogId, seq: int, *, parent: int | None = None) -> None:
    """Have the centre confirm a log up to ``seq``, and the parent too, unless that is told apart."""
    positions = {}
    for at in (seq, seq if parent is None else parent):
        hashed = await node.logs.hash_at(log, at)
        assert hashed is not None
        positions[at] = Position(at, hashed)
    await node.logs.confirm({log: positions[seq if parent is None else parent]}, {log: positions[seq]})


async def own_log(node: Node, channel: str = "audit") -> LogId:
    (log,) = (held.log for held in await node.logs.held() if held.log.channel == channel and held.via is None)
    return log


async def shorten(node: Node, limit: int = 100, *, older_than: timedelta = DAY, sparing: Collection[LogId] = ()) -> int:
    return await node.retention.shorten(node.clock.now() - older_than, limit, sparing)


async def floor(node: Node, log: LogId) -> int:
    held = await node.logs.find(log)
    assert held is not None
    return held.floor.seq


@pytest.fixture
async def log(node: Node) -> LogId:
    """An own log of ten events two days old, of which the centre has confirmed eight."""
    await node.record(*(audited() for _ in range(10)))
    found = await own_log(node)
    await confirm(node, found, 8)
    node.clock.step(2 * DAY)
    return found


async def test_what_is_confirmed_and_old_goes_and_what_it_shows_stays(node: Node, log: LogId) -> None:
    before = await shown(node)
    hashes = [await node.logs.hash_at(log, seq) for seq in range(11)]

    assert await shorten(node) == 8
    assert await shorten(node) == 0
    assert await shown(node) == before
    assert [await node.logs.hash_at(log, seq) for seq in range(11)] == [None] * 8 + hashes[8:]
    held = await node.logs.find(log)
    assert held is not None
    assert (held.floor, held.head.seq) == (Position(8, hashes[8] or b""), 10)


async def test_it_is_read_from_there_on_and_not_before(node: Node, log: LogId) -> None:
    await shorten(node)

    assert len((await node.logs.read(log, 9, 100))[1]) == 2
    for first in (1, 8):
        with pytest.raises(LookupError):
            await node.logs.read(log, first, 100)


async def test_it_goes_in_portions(node: Node, log: LogId) -> None:
    assert [await shorten(node, 3) for _ in range(4)] == [3, 3, 2, 0]
    assert await floor(node, log) == 8


async def test_what_is_young_stays(node: Node) -> None:
    await node.record(audited(), audited())
    node.clock.step(2 * DAY)
    await node.record(audited(), audited())
    log = await own_log(node)
    await confirm(node, log, 4)

    assert await shorten(node) == 2
    assert await floor(node, log) == 2


async def test_what_the_parent_does_not_hold_any_more_stays(node: Node, log: LogId) -> None:
    await confirm(node, log, 8, parent=5)
    assert await shorten(node) == 5


async def test_what_nobody_has_confirmed_stays_however_old_it_is(node: Node) -> None:
    await node.record(*(audited() for _ in range(3)))
    node.clock.step(1000 * DAY)
    assert await shorten(node) == 0


async def test_the_newest_event_stays(node: Node, log: LogId) -> None:
    await confirm(node, log, 10)
    assert await shorten(node) == 9
    assert await shorten(node) == 0


async def test_logs_that_are_spared_stay(node: Node, log: LogId) -> None:
    assert await shorten(node, sparing={log}) == 0
    assert await floor(node, log) == 0


async def test_logs_of_others_and_feeds_stay(node: Node) -> None:
    theirs = bodies(*(AlarmRaised(alarm=alarm()) for _ in range(3)))
    await node.record(EntryActivated(entry=entry()), EntryActivated(entry=entry()))
    await node.logs.apply([batch_of(theirs)], "west")
    node.clock.step(2 * DAY)
    for held in await node.logs.held():
        await confirm(node, held.log, held.head.seq)

    assert await shorten(node) == 0


async def test_an_event_to_which_a_reaction_is_due_stays_with_all_behind_it(node: Node) -> None:
    async def work(change: WholeChange) -> None:
        for _ in range(4):
            await change.record(Registered(registration=registration()))
        await change.reactions.note(change.recorded[2].id, "raise_alarms")

    await node.ask(work)
    node.clock.step(2 * DAY)
    log = await own_log(node, "facts")
    await confirm(node, log, 4)

    assert await shorten(node) == 2
    ((due, _),) = await node.ask(lambda change: change.reactions.due("raise_alarms", None, 10))
    await node.ask(lambda change: change.reactions.drop(due, "raise_alarms"))
    assert await shorten(node) == 1


async def test_an_event_that_is_held_in_quarantine_stays_with_all_behind_it(node: Node) -> None:
    earlier = LogId(NODE, 1, "alarms")
    raised = [AlarmRaised(alarm=alarm(node=NODE)) for _ in range(3)]
    await node.logs.recall(batch_of(bodies(raised[0], newer(raised[1]), raised[2]), log=earlier))
    await confirm(node, earlier, 3)

    assert await shorten(node) == 1
    assert [one.seq for one in (await node.views.quarantined_events(Window(limit=10))).items] == [2]


async def test_the_log_goes_on_and_its_chain_holds_from_where_it_begins(node: Node, log: LogId) -> None:
    await shorten(node)
    more = [audited(), audited()]
    await node.record(*more)

    assert (await shown(node))[-2:] == ids(more)
    (extent,) = [one for one in await node.custody.extents() if one.log == log]
    assert extent.floor.seq == 8
    head, kept = await node.custody.kept(log, 9, 100)
    check = ChainCheck(extent.floor)
    assert [*check.follow(kept), *check.end(head)] == []
    await node.spoil.drop_event(log, 9)
    assert await node.custody.mend(log, 9, [kept[0].record] if kept[0].record else [])


async def nothing(log: LogId, first: int, limit: int) -> list[Record]:  # noqa: ARG001 - as a parent would be asked
    return []


async def test_rows_that_count_more_than_is_left_of_the_log_are_not_put_right_by_it(node: Node) -> None:
    await node.record(*(push_quarantined() for _ in range(3)))
    log = await own_log(node, "technical")
    await confirm(node, log, 2)
    node.clock.step(2 * DAY)
    assert await shorten(node) == 2

    row = ("quarantine_tally", "cam-1")
    judged = await node.custody.judge([NODE], [row], nothing, repair=True)
    assert judged.get(row, Judged(None)) == Judged(None)
    assert [one.held for one in (await node.views.quarantine_tallies(Window(limit=10))).items] == [3]


async def test_an_earlier_epoch_gives_way_down_to_where_it_begins_and_no_further(node: Node) -> None:
    earlier = LogId(NODE, 1, "audit")
    events = [audited() for _ in range(6)]
    await node.logs.recall(batch_of(bodies(*events), log=earlier))
    await confirm(node, earlier, 3)
    assert await shorten(node) == 3

    with pytest.raises(LookupError):
        await node.logs.give_way(earlier, 2)
    await node.logs.give_way(earlier, 3)
    assert sorted(await shown(node)) == sorted(ids(events))
    held = await node.logs.find(earlier)
    assert held is not None
    assert held.head == held.floor
