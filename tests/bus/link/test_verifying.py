"""A node compares itself with its parent: each kind of damage is found, named, put right, and nothing else told."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from bus.link.digests import ParentHoldings
from bus.link.messages import (
    DigestWanted,
    ExtentsWanted,
    LogDigestsWanted,
    RangeWanted,
    RowsWanted,
    TableDigestsWanted,
    encode,
)
from bus.link.wire import Question
from bus.replication import LogId
from bus.replication import chain as chain_of
from bus.replication.digests import Span
from bus.verification import comparison
from bus.verification import events as compared_events
from bus.verification.differences import Behind, Difference, Fault, Side, Verification, name_of
from bus.verification.ports import Share, Stretch
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import Alarm
from domain.organisation.events import DeviceEnrolled
from domain.watchlist.events import EntryActivated, EntrySubmitted
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.virtual_time import until
from tests.contracts.spoilers import MemorySpoiler
from tests.samples import MORNING, alarm, audited, device, entry, new_id, submitted

Damage = Callable[[Node, MemorySpoiler, LogId, Alarm], Awaitable[object]]


async def verified(node: Node, *, repair: bool = False) -> Verification:
    verifying = node.link.verifying
    assert verifying is not None
    verifying.begin(repair=repair)
    await until(lambda: verifying.last is not None and verifying.last.finished_at is not None, 200)
    assert verifying.last is not None
    return verifying.last


async def told(node: Node, *, repair: bool = False) -> list[tuple[str, str, Fault, Side, bool]]:
    found = await verified(node, repair=repair)
    assert found.not_compared == ()
    return [(one.table, one.row, one.fault, one.side, one.repaired) for one in found.differences]


async def fill(chain: Chain) -> Alarm:
    """Have something on record everywhere; return an alarm of the site's."""
    raised = alarm()
    await chain.centre.record(
        EntryActivated(entry=entry()),
        EntrySubmitted(entry=submitted()),
        DeviceEnrolled(device=device(site="koroszczyn")),
    )
    taken = AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="anna", acknowledged_at=MORNING)
    await chain.site.record(
        AlarmRaised(alarm=raised), *(audited() for _ in range(8)), AlarmRaised(alarm=alarm()), taken
    )
    await chain.region.record(*(audited() for _ in range(3)))
    await until(chain.level, 10)
    return raised


def audit_of(node: Node) -> LogId:
    (log,) = (log for log in node.positions("koroszczyn") if log.channel == "audit")
    return log


def test_equal_nodes_are_equal() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        for node, events in ((chain.site, 11 + 3), (chain.region, 11 + 3 + 4)):
            found = await verified(node)
            assert found.equal
            assert (found.differences, found.behind) == ((), ())
            assert found.rows > events
            assert (found.here, found.there) == (node.code, node._parent)

    play(scenario)


EVENTS: dict[str, tuple[Damage, list[tuple[str, str, Fault, Side]]]] = {
    "missing": (
        lambda _, spoil, log, __: spoil.drop_event(log, 3),
        [("event", "3", Fault.MISSING, Side.HERE)],
    ),
    "last missing": (
        lambda _, spoil, log, __: spoil.drop_event(log, 8),
        [("event", "8", Fault.MISSING, Side.HERE)],
    ),
    "body altered": (
        lambda _, spoil, log, __: spoil.alter_event(log, 4, body=b"forged"),
        [("event", "4", Fault.ALTERED, Side.HERE)],
    ),
    "hash altered": (
        lambda _, spoil, log, __: spoil.alter_event(log, 4, hashed=b"\x05" * 32),
        [("event", "4", Fault.ALTERED, Side.HERE)],
    ),
    "extra": (
        lambda _, spoil, log, __: spoil.add_event(log, 9),
        [("event", "9", Fault.EXTRA, Side.HERE)],
    ),
    "head ahead": (
        lambda _, spoil, log, __: spoil.set_head(log, seq=9),
        [("log", "head", Fault.ALTERED, Side.HERE)],
    ),
    "head of another hash": (
        lambda _, spoil, log, __: spoil.set_head(log, hashed=b"\x05" * 32),
        [("log", "head", Fault.ALTERED, Side.HERE)],
    ),
}
ROWS: dict[str, tuple[Damage, list[tuple[Fault, Side]]]] = {
    "missing": (lambda _, spoil, __, one: spoil.drop_alarm(one.id), [(Fault.MISSING, Side.HERE)]),
    "altered": (lambda _, spoil, __, one: spoil.alter_alarm(one.id, "X"), [(Fault.ALTERED, Side.HERE)]),
    "extra": (lambda _, spoil, __, one: spoil.copy_alarm(one.id, new_id()), [(Fault.EXTRA, Side.HERE)]),
}
LEVELS = pytest.mark.parametrize("level", ["site", "region"])


@LEVELS
@pytest.mark.parametrize("kind", EVENTS)
def test_damage_to_a_log_is_found_and_put_right(kind: str, level: str) -> None:
    damage, expected = EVENTS[kind]

    async def scenario(chain: Chain) -> None:
        raised, node = await fill(chain), getattr(chain, level)
        log = audit_of(node)
        await damage(node, MemorySpoiler(node.changes.tables), log, raised)
        assert await told(node) == [(*one, False) for one in expected]
        assert await told(node, repair=True) == [(*one, True) for one in expected]
        assert await told(node) == []
        assert (await node.records("koroszczyn"))[log] == (await chain.centre.records("koroszczyn"))[log]

    play(scenario)


@LEVELS
@pytest.mark.parametrize("kind", ROWS)
def test_damage_to_a_table_is_found_and_put_right(kind: str, level: str) -> None:
    damage, expected = ROWS[kind]

    async def scenario(chain: Chain) -> None:
        raised, node = await fill(chain), getattr(chain, level)
        before = node.changes.tables.alarms.items()
        await damage(node, MemorySpoiler(node.changes.tables), audit_of(node), raised)
        found = await told(node)
        assert [(table, fault, side, repaired) for table, _, fault, side, repaired in found] == [
            ("alarm", *one, False) for one in expected
        ]
        assert [repaired for *_, repaired in await told(node, repair=True)] == [True]
        assert await told(node) == []
        assert node.changes.tables.alarms.items() == before

    play(scenario)


@pytest.mark.parametrize("kind", ROWS)
def test_damage_at_the_parent_is_told_as_its_own(kind: str) -> None:
    async def scenario(chain: Chain) -> None:
        raised = await fill(chain)
        await ROWS[kind][0](chain.region, MemorySpoiler(chain.region.changes.tables), audit_of(chain.region), raised)
        (found,) = await told(chain.site, repair=True)
        assert found[2:] == (
            {"missing": Fault.MISSING, "altered": Fault.ALTERED, "extra": Fault.EXTRA}[kind],
            Side.THERE,
            False,
        )

    play(scenario)


def test_an_event_that_the_parent_lacks_is_told_and_stays() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        log = audit_of(chain.region)
        await MemorySpoiler(chain.region.changes.tables).drop_event(log, 3)
        assert await told(chain.site, repair=True) == [("event", "3", Fault.MISSING, Side.THERE, False)]
        await MemorySpoiler(chain.site.changes.tables).drop_event(log, 3)
        assert await told(chain.site, repair=True) == [("event", "3", Fault.MISSING, Side.HERE, False)]
        assert await told(chain.region, repair=True) == [("event", "3", Fault.MISSING, Side.HERE, True)]
        assert await told(chain.site, repair=True) == [("event", "3", Fault.MISSING, Side.HERE, True)]

    play(scenario)


def test_an_event_is_never_put_in_the_place_of_one_whose_chain_holds() -> None:
    """A log that was rewritten to its end, head and all: the nodes differ, and nobody can tell here who is right."""

    async def scenario(chain: Chain) -> None:
        await fill(chain)
        site, log = chain.site, audit_of(chain.site)
        await rewrite(site, log, 7)
        before = (await site.records("koroszczyn"))[log]
        different = [("event", str(seq), Fault.DIFFERENT, Side.EITHER, False) for seq in (7, 8)]
        found = await told(site, repair=True)
        assert [one for one in found if one[0] == "event"] == different
        assert (await site.records("koroszczyn"))[log] == before

    play(scenario)


def test_who_differs_in_too_much_is_told_so_much_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (compared_events, comparison):
        monkeypatch.setattr(module, "DIFFERING_MAX", 2)

    async def scenario(chain: Chain) -> None:
        await fill(chain)
        log = audit_of(chain.site)
        await rewrite(chain.site, log, 3)
        found = await verified(chain.site)
        assert [one.row for one in found.differences if one.table == "event"] == ["3", "4"]
        assert found.not_compared[0] == f"{name_of(log)}: what lies behind the first 2 differences"

    play(scenario)


async def rewrite(node: Node, log: LogId, first: int) -> None:
    """Have a log end in another history."""
    spoil = MemorySpoiler(node.changes.tables)
    before, records = await node.logs.read(log, first, 100)
    hashes = chain_of(before, [msgspec.structs.replace(record, body=b"forged") for record in records])
    for seq, hashed in enumerate(hashes, first):
        await spoil.alter_event(log, seq, body=b"forged", hashed=hashed)
    await spoil.set_head(log, hashed=hashes[-1])


def test_what_is_still_under_way_is_behind_and_no_difference() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        await chain.centre.stop()
        await chain.site.record(*(audited() for _ in range(5)), AlarmRaised(alarm=alarm()))
        await until(lambda: chain.region.head("koroszczyn", "audit") == 13, 10)
        await chain.centre.restart()
        chain.network.brokers.clear()
        found = await verified(chain.region)
        assert found.differences == ()
        await until(chain.level, 30)
        assert (await verified(chain.region)).equal

    play(scenario)


def test_a_node_whose_parent_is_away_looks_at_itself_alone() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        log = audit_of(chain.site)
        await MemorySpoiler(chain.site.changes.tables).drop_event(log, 3)
        chain.network.cut.add("koroszczyn")
        found = await verified(chain.site, repair=True)
        assert found.not_compared == ("everything: the parent is out of reach",)
        missing = Difference(table="event", of=name_of(log), row="3", fault=Fault.MISSING, side=Side.HERE)
        assert found.differences == (missing,)
        assert not found.equal

    play(scenario)


def test_logs_that_the_parent_has_not_got_are_behind() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        log = audit_of(chain.site)
        wanted = chain.region.changes.tables.logs.get("koroszczyn", "audit", log.epoch)
        assert wanted is not None
        chain.region.changes.tables.logs.drop("koroszczyn", "audit", log.epoch)
        found = await verified(chain.site)
        assert Behind(of=name_of(log), side=Side.THERE, events=8) in found.behind

    play(scenario)


def test_a_child_is_told_of_nothing_that_it_may_not_have() -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        parent = ParentHoldings(chain.site.bulk)
        logs = {extent.log.channel for extent in await parent.extents()}
        assert "watchlist.drafts" not in logs
        (drafts,) = (log for log in chain.region.positions("central") if log.channel == "watchlist.drafts")
        (own,) = (log for log in chain.region.positions("lublin") if log.channel == "audit")
        answer = chain.network.answers["lublin"]
        for log in (drafts, own):
            owner = log.channel if "." in log.channel else log.origin
            for wanted in (
                LogDigestsWanted(log, [Span(1, 3)]),
                TableDigestsWanted(Share("audit_record", [owner]), [Stretch()]),
                RowsWanted(Share("entry", ["koroszczyn", owner]), Stretch(), 10),
            ):
                assert await answer("koroszczyn", Question.DIGEST, encode(DigestWanted(wanted))) == b""
        assert await answer("stranger", Question.DIGEST, encode(DigestWanted(ExtentsWanted()))) == b""

    play(scenario)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        encode(["extents"]),
        encode([["unheard-of"]]),
        encode([["log", ["koroszczyn", 1, "audit"], [[1, 10_001]]]]),
        encode([["log", ["koroszczyn", 1, "audit"], [[1, 1]] * 101]]),
        encode([["table", ["alarm", ["koroszczyn"]], [["", ""]] * 11]]),
        encode([["rows", ["alarm", ["koroszczyn"]], ["x" * 201, ""], 10]]),
        encode([["rows", ["alarm", ["koroszczyn"]], ["", ""], 1_001]]),
        encode([["rows", ["log", ["koroszczyn"]], ["", ""], 10]]),
        encode(RangeWanted(LogId("a", 1, "audit"), 1, 1)),
    ],
)
def test_who_asks_for_too_much_or_nonsense_gets_no_answer(data: bytes) -> None:
    async def scenario(chain: Chain) -> None:
        await fill(chain)
        assert await chain.network.answers["lublin"]("koroszczyn", Question.DIGEST, data) == b""

    play(scenario)
