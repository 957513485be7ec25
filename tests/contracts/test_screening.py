"""Matching against the entries that are live at a node."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from bus.ports import WholeChange
from bus.replication.chain import GENESIS
from bus.replication.log import LogId
from domain.identifiers.documents import document_number
from domain.identifiers.identifier import Identifier
from domain.identifiers.plates import plate
from domain.registrations.model import FeedVersion, Match, Screening, ScreeningOutcome
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.model import Category, Criterion, Entry
from tests.contracts.backends import Node, Receive
from tests.contracts.test_logs import batch_of, records
from tests.samples import MORNING, NODE, entry, new_id, submitted


async def screen(node: Node, *read: Identifier, at: datetime = MORNING) -> Screening:
    return await node.ask(lambda change: change.watchlist.screen(read, at))


async def met(node: Node, raw: str, country: str | None = "PL", at: datetime = MORNING) -> list[str]:
    return [match.key for match in (await screen(node, plate(raw, country), at=at)).matches]


def withdrawn(of: Entry) -> EntryWithdrawn:
    return EntryWithdrawn(
        entry_id=of.id,
        scope=of.scope,
        was_active=True,
        reason="found",
        withdrawn_by="anna",
        withdrawn_at=MORNING,
    )


async def test_nothing_is_met_where_nothing_is_sought(node: Node) -> None:
    assert await screen(node, plate("WA 12345")) == Screening(outcome=ScreeningOutcome.CHECKED, list_version=())


async def test_a_match_says_all_that_an_officer_must_know(node: Node) -> None:
    sought = entry(("WAO2345", "PL"), title="Kradziony", category=Category.DETAIN, priority=2, instructions="Stój!")
    await node.record(EntryActivated(entry=sought))

    assert (await screen(node, plate("wa-02345", "PL"))).matches == (
        Match(
            entry_id=sought.id,
            kind="plate",
            key="folded",
            tier="T1",
            raw="wa-02345",
            read="WA02345",
            matched="WAO2345",
            differences=(2,),
            title="Kradziony",
            category=Category.DETAIN,
            priority=2,
            instructions="Stój!",
        ),
    )


async def test_exact_and_look_alike_spellings_are_met_and_others_are_not(node: Node) -> None:
    await node.record(EntryActivated(entry=entry(("WA 12345", "PL"))))

    assert await met(node, "wa12345") == ["exact"]
    assert await met(node, "WA 1234S") == ["folded"]
    assert await met(node, "WA 12346") == []
    assert await met(node, "WA 1234") == []


async def test_countries_must_not_contradict_each_other(node: Node) -> None:
    await node.record(EntryActivated(entry=entry(("WA 12345", "PL"))), EntryActivated(entry=entry(("KR 1", None))))

    assert await met(node, "WA12345", "PL") == ["exact"]
    assert await met(node, "WA12345", None) == ["exact"]
    assert await met(node, "WA12345", "UA") == []
    assert await met(node, "KR1", "UA") == ["exact"]


async def test_identifiers_of_another_kind_are_not_met(node: Node) -> None:
    passport = Criterion(id=new_id(), identifier=document_number("ZS0000017", "POL"))
    await node.record(EntryActivated(entry=entry(criteria=(passport,))))

    assert await met(node, "ZS0000017", None) == []
    screening = await screen(node, document_number("ZS0000017", "POL"))
    assert [(match.kind, match.key) for match in screening.matches] == [("document", "exact")]


async def test_an_entry_is_live_until_just_before_the_end_of_its_validity(node: Node) -> None:
    end = MORNING + timedelta(days=1)
    await node.record(EntryActivated(entry=entry(valid_until=end)))

    assert await met(node, "WA12345", at=end - timedelta(microseconds=1)) == ["exact"]
    assert await met(node, "WA12345", at=end) == []


async def test_only_active_entries_are_met(node: Node) -> None:
    draft = submitted()
    ended = entry()
    await node.record(EntrySubmitted(entry=draft), EntryActivated(entry=ended), withdrawn(ended))
    assert await met(node, "WA12345") == []

    await node.record(EntryActivated(entry=draft.approved(by="bogdan", at=MORNING)))
    assert await met(node, "WA12345") == ["exact"]


async def test_an_entry_is_met_in_the_change_that_activates_it(node: Node) -> None:
    async def work(change: WholeChange) -> Sequence[Match]:
        await change.record(EntryActivated(entry=entry()))
        return (await change.watchlist.screen((plate("WA12345"),), MORNING)).matches

    assert len(await node.ask(work)) == 1


async def test_matches_come_by_priority_and_then_by_entry(node: Node) -> None:
    entries = [entry(priority=priority) for priority in (3, 1, 2, 1)]
    await node.record(*(EntryActivated(entry=one) for one in reversed(entries)))

    matches = (await screen(node, plate("WA12345"))).matches
    third, first, second, also_first = (one.id for one in entries)
    assert [match.entry_id for match in matches] == [first, also_first, second, third]


async def test_every_identifier_is_matched(node: Node) -> None:
    one, two = entry(("WA 1", None), priority=2), entry(("WA 2", None), priority=1)
    await node.record(EntryActivated(entry=one), EntryActivated(entry=two))

    matches = (await screen(node, plate("WA1"), plate("WA2"), plate("WA3"))).matches
    assert [(match.entry_id, match.read) for match in matches] == [(two.id, "WA2"), (one.id, "WA1")]


async def test_one_entry_may_be_met_by_any_of_its_criteria(node: Node) -> None:
    await node.record(EntryActivated(entry=entry(("WA 1", None), ("WA 2", None))))

    assert [await met(node, raw) for raw in ("WA1", "WA2", "WA3")] == [["exact"], ["exact"], []]


async def test_the_list_version_is_the_head_of_every_watchlist_feed(node: Node) -> None:
    await node.record(EntryActivated(entry=entry(scope="pl")), EntryActivated(entry=entry(scope="dorohusk")))
    await node.record(EntryActivated(entry=entry(scope="pl")), EntrySubmitted(entry=submitted()))
    heads = defaultdict(list)
    for one in node.heard:
        heads[one.log.channel].append(
            FeedVersion(feed=one.log.channel, epoch=one.log.epoch, seq=one.seq, hash=one.hash.hex())
        )

    version = (await screen(node, plate("WA12345"))).list_version
    assert [(one.feed, one.seq) for one in version] == [
        ("watchlist.dorohusk", 1),
        ("watchlist.drafts", 1),
        ("watchlist.pl", 2),
    ]
    assert list(version) == [heads[feed][-1] for feed in sorted(heads)]


async def test_entries_of_another_node_are_met_and_their_feed_stands_in_the_list_version(
    node: Node, neighbour: Node, receive: Receive
) -> None:
    await receive(EntryActivated(entry=entry(scope="pl")))

    screening = await screen(node, plate("WA12345"))
    newest = neighbour.heard[-1]
    assert len(screening.matches) == 1
    assert screening.list_version == (
        FeedVersion(feed="watchlist.pl", epoch=newest.log.epoch, seq=1, hash=newest.hash.hex()),
    )


async def arrive(node: Node, scope: str, *events: Event, via: str = "lublin") -> None:
    """Have all of a list arrive, with what the centre has recorded in it."""
    log = LogId("central", 7, f"watchlist.{scope}")
    if events:
        await node.logs.apply([batch_of(records(*events), log=log)], via)
    await node.logs.note_arrival(log, via)


async def test_until_every_list_has_arrived_nothing_counts_as_checked(needy: Node) -> None:
    assert await screen(needy, plate("WA12345")) == Screening(
        outcome=ScreeningOutcome.NOT_CHECKED,
        list_version=(),
        reason=f"never arrived here: watchlist.{NODE}, watchlist.pl",
    )
    await arrive(needy, "pl")
    assert (await screen(needy, plate("WA12345"))).reason == f"never arrived here: watchlist.{NODE}"
    assert await needy.views.missing_lists() == [f"watchlist.{NODE}"]
    await arrive(needy, NODE)

    screening = await screen(needy, plate("WA12345"))
    assert (screening.outcome, screening.reason) == (ScreeningOutcome.CHECKED, "")
    assert [(one.feed, one.seq, one.hash) for one in screening.list_version] == [
        (f"watchlist.{NODE}", 0, GENESIS.hex()),
        ("watchlist.pl", 0, GENESIS.hex()),
    ]
    assert await needy.views.missing_lists() == []


async def test_what_is_met_in_a_part_of_the_lists_counts_although_nothing_is_checked(needy: Node) -> None:
    sought = entry(scope="pl")
    await arrive(needy, "pl", EntryActivated(entry=sought))

    screening = await screen(needy, plate("WA12345"))
    assert screening.outcome is ScreeningOutcome.NOT_CHECKED
    assert [match.entry_id for match in screening.matches] == [sought.id]
    assert [(one.feed, one.seq) for one in screening.list_version] == [("watchlist.pl", 1)]


async def test_entries_alone_do_not_make_a_list_complete(needy: Node) -> None:
    await arrive(needy, NODE)
    log = LogId("central", 7, "watchlist.pl")
    await needy.logs.apply([batch_of(records(EntryActivated(entry=entry(scope="pl"))), log=log)], "lublin")
    await needy.record(EntryActivated(entry=entry(scope="pl")))

    assert (await screen(needy, plate("KR1"))).reason == "never arrived here: watchlist.pl"


async def test_a_list_that_has_arrived_stays_so_as_it_grows(needy: Node) -> None:
    for scope in ("pl", NODE):
        await arrive(needy, scope)
    log = LogId("central", 7, "watchlist.pl")
    await needy.logs.apply([batch_of(records(EntryActivated(entry=entry(scope="pl"))), log=log)], "lublin")

    assert (await screen(needy, plate("KR1"))).outcome is ScreeningOutcome.CHECKED
