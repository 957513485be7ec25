"""What a node holds, in digests that are the same whatever it stands on; and how it is put right."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bus.catalogue import audit_of
from bus.replication.digests import BUCKET, NOTHING_HELD, ChainCheck, Damage, Damaged, Span, digest, head_of, spans
from bus.replication.log import START, LogId
from bus.replication.record import Record
from bus.verification.differences import Behind, Difference, Fault, Side, Verification
from bus.verification.ports import Cannot, Judged, RowDigest, Share, Stretch
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import Alarm
from domain.organisation.events import DeviceEnrolled
from domain.watchlist.events import EntryActivated
from tests.bus.link.nodes import TABLES
from tests.contracts.backends import Node, Receive
from tests.contracts.databases import postgresql, sqlite
from tests.postgres import Postgres
from tests.samples import MORNING, NODE, alarm, audited, device, entry, new_id

ALL = Stretch()


async def log_of(node: Node, origin: str, channel: str) -> LogId:
    (log,) = (one.log for one in await node.custody.extents() if (one.log.origin, one.log.channel) == (origin, channel))
    return log


async def records(node: Node, log: LogId, first: int, count: int) -> list[Record]:
    return list((await node.logs.read(log, first, count))[1])


async def checked(node: Node, log: LogId) -> list[Damaged]:
    head, rows = await node.custody.kept(log, 1, 1_000)
    check = ChainCheck(START)
    found = {one.seq: one for one in (*check.follow(rows), *check.end(head))}
    return list(found.values())


@pytest.fixture
async def theirs(neighbour: Node, receive: Receive) -> LogId:
    """A log of the neighbour's with seven events, which the node holds too."""
    await receive(*(audited() for _ in range(7)))
    return await log_of(neighbour, "koroszczyn", "audit")


async def test_equal_histories_have_equal_digests(node: Node, neighbour: Node, theirs: LogId) -> None:
    for size in (BUCKET, 3, 1):
        cut = spans(Span(1, 7), size)
        assert await node.custody.log_digests(theirs, cut) == await neighbour.custody.log_digests(theirs, cut)
    (extent,) = [one for one in await node.custody.extents() if one.log == theirs]
    assert (extent.head, extent.floor) == ((await neighbour.logs.held())[0].head, START)


async def test_a_digest_counts_events_and_the_heads_of_their_hashes(node: Node, theirs: LogId) -> None:
    hashes = [await node.logs.hash_at(theirs, seq) for seq in (2, 3)]
    expected = digest(head_of(hashed) for hashed in hashes if hashed)
    assert await node.custody.log_digests(theirs, [Span(2, 3), Span(8, 9)]) == [expected, NOTHING_HELD]
    stranger = LogId("tarnow", 1, "facts")
    assert await node.custody.log_digests(stranger, [Span(1, 9)]) == [NOTHING_HELD]


async def test_a_whole_log_has_nothing_wrong(node: Node, theirs: LogId) -> None:
    await node.record(audited(), audited())
    assert await checked(node, theirs) == await checked(node, await log_of(node, NODE, "audit")) == []


async def test_an_event_that_is_gone_is_found_and_put_back(node: Node, neighbour: Node, theirs: LogId) -> None:
    for gone in (1, 3, 7):
        await node.spoil.drop_event(theirs, gone)
        assert await checked(node, theirs) == [Damaged(gone, Damage.MISSING)]
        (differs,) = spans(Span(gone, gone), 1)
        assert await node.custody.log_digests(theirs, [differs]) == [NOTHING_HELD]
        assert await node.custody.mend(theirs, gone, await records(neighbour, theirs, gone, 1))
        assert await checked(node, theirs) == []
    assert await records(node, theirs, 1, 9) == await records(neighbour, theirs, 1, 9)


async def test_an_event_that_was_altered_is_found_and_put_right(node: Node, neighbour: Node, theirs: LogId) -> None:
    for altered in (1, 4, 7):
        await node.spoil.alter_event(theirs, altered, body=b"forged")
        assert await checked(node, theirs) == [Damaged(altered, Damage.ALTERED)]
        assert await node.custody.mend(theirs, altered, await records(neighbour, theirs, altered, 1))
        assert await checked(node, theirs) == []


async def test_a_hash_that_was_altered_is_found_alone_and_put_right(node: Node, neighbour: Node, theirs: LogId) -> None:
    for altered in (1, 4, 7):
        await node.spoil.alter_event(theirs, altered, hashed=b"\x05" * 32)
        assert await checked(node, theirs) == [Damaged(altered, Damage.ALTERED)]
        assert await node.custody.mend(theirs, altered, await records(neighbour, theirs, altered, 1))
        assert await checked(node, theirs) == []


async def test_several_events_are_put_back_at_once(node: Node, neighbour: Node, theirs: LogId) -> None:
    for gone in (5, 6, 7):
        await node.spoil.drop_event(theirs, gone)
    assert [one.seq for one in await checked(node, theirs)] == [5, 6, 7]
    assert await node.custody.mend(theirs, 5, await records(neighbour, theirs, 5, 3))
    assert await checked(node, theirs) == []


async def test_what_never_stood_there_is_not_put_there(node: Node, neighbour: Node, theirs: LogId) -> None:
    await node.spoil.drop_event(theirs, 3)
    await node.spoil.drop_event(theirs, 7)
    for seq, wrong in ((3, 4), (3, 2), (7, 6)):
        assert not await node.custody.mend(theirs, seq, await records(neighbour, theirs, wrong, 1))
    assert not await node.custody.mend(theirs, 8, await records(neighbour, theirs, 7, 1))
    assert [one.seq for one in await checked(node, theirs)] == [3, 7]


async def test_an_erased_event_is_no_difference_and_may_be_put_back_erased(
    node: Node, neighbour: Node, theirs: LogId
) -> None:
    (record,) = await records(neighbour, theirs, 3, 1)
    await node.spoil.drop_event(theirs, 3)
    assert await node.custody.mend(theirs, 3, [record.erased()])
    assert await checked(node, theirs) == []
    assert await node.custody.log_digests(theirs, [Span(1, 7)]) == await neighbour.custody.log_digests(
        theirs, [Span(1, 7)]
    )


@pytest.mark.parametrize("seq", [6, 9])
async def test_a_head_that_was_moved_is_found_and_put_back(node: Node, theirs: LogId, seq: int) -> None:
    await node.spoil.set_head(theirs, seq=seq)
    assert await checked(node, theirs) == [Damaged(seq, Damage.HEAD)]
    assert await node.custody.mend_head(theirs)
    assert await checked(node, theirs) == []


async def test_a_head_of_another_hash_is_put_right_by_its_last_event(
    node: Node, neighbour: Node, theirs: LogId
) -> None:
    await node.spoil.set_head(theirs, hashed=b"\x05" * 32)
    assert await checked(node, theirs) == [Damaged(7, Damage.HEAD)]
    assert not await node.custody.mend_head(theirs)
    assert await node.custody.mend(theirs, 7, await records(neighbour, theirs, 7, 1))
    assert await checked(node, theirs) == []


async def test_an_event_behind_the_head_is_found_and_removed(node: Node, theirs: LogId) -> None:
    await node.spoil.add_event(theirs, 8)
    assert await checked(node, theirs) == [Damaged(8, Damage.EXTRA)]
    assert await node.custody.mend_head(theirs)
    assert await checked(node, theirs) == []


async def shown(node: Node, *owners: str, table: str = "alarm") -> list[RowDigest]:
    return list(await node.custody.rows(Share(table, list(owners)), ALL, 1_000))


async def test_rows_are_told_by_key_and_owner(node: Node, receive: Receive) -> None:
    own, others = [alarm() for _ in range(3)], [alarm() for _ in range(2)]
    await node.record(*(AlarmRaised(alarm=one) for one in own))
    await receive(*(AlarmRaised(alarm=one) for one in others), EntryActivated(entry=entry()))
    assert [(row.key, row.owner) for row in await shown(node, NODE)] == [(one.id, NODE) for one in own]
    assert [row.key for row in await shown(node, NODE, "koroszczyn")] == [one.id for one in (*own, *others)]
    assert [row.owner for row in await shown(node, "watchlist.pl", table="entry")] == ["watchlist.pl"]
    assert await shown(node, "tarnow") == []


async def test_stretches_of_rows_have_digests_of_their_own(node: Node) -> None:
    await node.record(*(AlarmRaised(alarm=alarm()) for _ in range(5)))
    share, rows = Share("alarm", [NODE]), await shown(node, NODE)
    cuts = [Stretch("", rows[1].key), Stretch(rows[1].key, rows[3].key), Stretch(rows[3].key), Stretch(rows[4].key)]
    told = await node.custody.table_digests(share, cuts)
    assert told == [digest(row.head for row in part) for part in (rows[:2], rows[2:4], rows[4:], [])]
    assert list(await node.custody.rows(share, Stretch(rows[0].key), 2)) == rows[1:3]


async def test_rows_that_are_known_by_codes_are_told_in_the_order_of_their_letters(node: Node) -> None:
    codes = ["cam-1", "cam1", "came", "cam-10", "a-cam"]
    await node.record(*(DeviceEnrolled(device=device(code=code, site="pl")) for code in codes))
    share = Share("device", ["organisation.pl"])
    rows = await node.custody.rows(share, ALL, 1_000)
    assert [(row.key, row.owner) for row in rows] == [(code, "organisation.pl") for code in sorted(codes)]
    assert list(await node.custody.rows(share, Stretch("cam-1", "cam1"), 1_000)) == [
        row for row in rows if "cam-1" < row.key <= "cam1"
    ]
    assert len(await node.custody.table_digests(share, [Stretch("", "cam-1"), Stretch("cam-1")])) == 2


async def test_every_table_can_be_told_though_it_is_empty(node: Node) -> None:
    for table in TABLES.up + TABLES.down:
        assert await node.custody.table_digests(Share(table, [NODE]), [ALL]) == [NOTHING_HELD]


async def test_an_unknown_table_is_not_told(node: Node) -> None:
    with pytest.raises(LookupError):
        await node.custody.rows(Share("log", [NODE]), ALL, 1)


@pytest.mark.parametrize("repair", [False, True])
async def test_rows_are_judged_by_the_logs_and_made_what_they_say(
    node: Node, receive: Receive, *, repair: bool
) -> None:
    own, theirs = [alarm() for _ in range(4)], [alarm() for _ in range(2)]
    await node.record(*(AlarmRaised(alarm=one) for one in own))
    await receive(*(AlarmRaised(alarm=one) for one in theirs))
    taken = AlarmAcknowledged(alarm_id=own[1].id, acknowledged_by="anna", acknowledged_at=MORNING)
    await node.record(taken)
    before = await shown(node, NODE, "koroszczyn")
    made_up = new_id()
    await node.spoil.drop_alarm(own[0].id)
    await node.spoil.alter_alarm(own[1].id, "X")
    await node.spoil.copy_alarm(own[2].id, made_up)
    named = [("alarm", key) for key in (own[0].id, own[1].id, made_up, own[3].id, new_id())]
    judged = await node.custody.judge([NODE], named, nothing_lost, repair=repair)
    assert [judged[one] for one in named] == [
        Judged(Fault.MISSING, repair),
        Judged(Fault.ALTERED, repair),
        Judged(Fault.EXTRA, repair),
        Judged(None),
        Judged(None),
    ]
    assert (await shown(node, NODE, "koroszczyn") == before) is repair


async def nothing_lost(log: LogId, first: int, limit: int) -> list[Record]:
    raise Cannot(f"{limit} events from {first} on of {log}")


async def aged(node: Node) -> tuple[Alarm, list[Record]]:
    """Have the node hold only the newest of its alarms, and show all of them; return the oldest, and all events."""
    own = [alarm() for _ in range(4)]
    await node.record(*(AlarmRaised(alarm=one) for one in own))
    log = await log_of(node, NODE, "alarms")
    everything = await records(node, log, 1, 9)
    (held,) = [one for one in await node.logs.held() if one.log == log]
    await node.logs.confirm({log: held.head}, {log: held.head})
    node.clock.step(timedelta(days=60))
    await node.retention.shorten(node.clock.now() - timedelta(days=30), 500)
    (extent,) = [one for one in await node.custody.extents() if one.log == log]
    assert extent.floor.seq == 3
    return own[0], everything


async def test_rows_of_events_that_are_no_longer_held_are_judged_by_what_another_node_holds(node: Node) -> None:
    oldest, everything = await aged(node)
    before = await shown(node, NODE)
    await node.spoil.drop_alarm(oldest.id)

    async def lost(_: LogId, first: int, limit: int) -> list[Record]:
        return everything[first - 1 : first - 1 + min(limit, 2)]

    named = ("alarm", oldest.id)
    assert await node.custody.judge([NODE], [named], lost, repair=True) == {named: Judged(Fault.MISSING, repaired=True)}
    assert await shown(node, NODE) == before


async def test_what_cannot_be_known_is_not_judged(node: Node) -> None:
    oldest, everything = await aged(node)
    await node.spoil.alter_alarm(oldest.id, "X")
    before = await shown(node, NODE)

    async def forged(_: LogId, first: int, limit: int) -> list[Record]:
        return [everything[0]] * limit if first == 1 else []

    for lost in (nothing_lost, forged):
        assert await node.custody.judge([NODE], [("alarm", oldest.id)], lost, repair=True) == {}
    assert await shown(node, NODE) == before


async def test_of_an_audit_trail_what_is_held_is_judged_though_its_beginning_is_not_known(node: Node) -> None:
    own = [audited() for _ in range(4)]
    await node.record(*own)
    log = await log_of(node, NODE, "audit")
    owner, (held,) = audit_of(NODE), [one for one in await node.logs.held() if one.log == log]
    everything = await records(node, log, 1, 9)
    await node.logs.confirm({log: held.head}, {log: held.head})
    await node.retention.shorten(node.clock.now() + timedelta(days=1), 500)
    rows = {("audit_record", one.record_id): one for one in own}

    async def forged(_: LogId, first: int, limit: int) -> list[Record]:
        return [everything[0]] * limit if first == 1 else []

    assert await node.custody.judge([owner], list(rows), nothing_lost, repair=True) == {list(rows)[3]: Judged(None)}
    absent = ("audit_record", new_id())
    assert await node.custody.judge([owner], [absent], nothing_lost, repair=True) == {absent: Judged(None)}
    assert await node.custody.judge([owner], list(rows), forged, repair=True) == {}


async def test_a_row_is_the_same_in_either_database(postgres_server: Postgres) -> None:
    own = [alarm() for _ in range(3)]
    async with sqlite() as on_file, postgresql(postgres_server) as on_server:
        for node in (on_file, on_server):
            await node.record(*(AlarmRaised(alarm=one) for one in own))
        assert await shown(on_file, NODE) == await shown(on_server, NODE) != []


async def test_what_came_of_a_comparison_is_kept_by_whom_the_node_was_compared_with(node: Node) -> None:
    assert await node.custody.last("lublin") is None
    found = Verification(
        here=NODE,
        there="lublin",
        started_at=MORNING,
        finished_at=MORNING + timedelta(seconds=3),
        differences=(
            Difference(table="alarm", of=NODE, row=new_id(), fault=Fault.MISSING, side=Side.HERE, repaired=True),
        ),
        behind=(Behind(of="a/1/facts", side=Side.THERE, events=7),),
        not_compared=("entry: unknown",),
        rows=2**40,
    )
    await node.custody.keep(replace(found, rows=1))
    await node.custody.keep(found)
    assert await node.custody.last("lublin") == found
    assert await node.custody.last("central") is None
