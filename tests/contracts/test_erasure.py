"""What is erased goes wherever it stands, and comes back by no way; the chain holds without it."""

from collections.abc import Sequence

import msgspec
import pytest

from adapters.database.batches import DatabaseBatches
from adapters.memory.changes import MemoryChanges
from adapters.memory.ids import SeededIds
from adapters.memory.snapshots import MemoryShelf
from adapters.memory.upkeep import MemoryBatches
from bus.catalogue import EVENTS_BY_KIND
from bus.link.batches import BatchQuarantine, Untaken
from bus.ports import WholeChange
from bus.replication.batch import pack, unpack
from bus.replication.digests import Span
from bus.replication.log import LogId
from bus.replication.record import Record
from bus.snapshots.making import Maker
from bus.snapshots.manifest import Manifest, unpack_piece
from bus.verification.ports import Judged
from domain.alarms.events import AlarmRaised
from domain.erasure.model import Erasure, LogHead
from domain.registrations.events import Registered
from domain.registrations.model import Registration
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import Node, Receive, batch
from tests.contracts.test_custody import checked
from tests.samples import (
    MORNING,
    NODE,
    alarm,
    entry,
    erased,
    linked,
    new_id,
    pictures_added,
    reading_taken,
    registration,
    rescreened,
    traveller,
    withdrawn,
)

FEED = "watchlist.pl"
ALL = Window(limit=100)


@pytest.fixture
def person() -> Registration:
    """Somebody who crossed the border."""
    return registration(traveller=traveller())


async def logs_of(node: Node, *channels: str) -> list[LogId]:
    return [held.log for held in await node.logs.held() if held.log.channel in channels]


async def bodies(node: Node, *channels: str) -> list[bytes | None]:
    logs = await logs_of(node, *channels)
    by_channel = sorted(logs, key=lambda log: channels.index(log.channel))
    return [record.body for log in by_channel for record in (await node.logs.read(log, 1, 100))[1]]


def ids_of(node: Node) -> tuple[str, ...]:
    return tuple(one.id for one in node.heard)


async def take_erasure(node: Node, neighbour: Node) -> None:
    """Have a node apply the erasures that the neighbour recorded, and nothing else."""
    for held in await neighbour.logs.held():
        if held.log.channel.startswith("erasure."):
            await node.logs.apply([await batch(neighbour.logs, held.log)], "neighbour")


async def test_what_is_erased_loses_its_body_and_what_it_shows(
    node: Node, neighbour: Node, receive: Receive, person: Registration
) -> None:
    raised, other = alarm(registration_id=person.id), registration()
    await receive(
        Registered(registration=person),
        Registered(registration=other),
        bare := reading_taken(registration_id=person.id, pictures=()),
        pictures_added(bare),
        rescreened(person),
        AlarmRaised(alarm=raised),
    )
    facts, alarms = await logs_of(node, "facts"), await logs_of(node, "alarms")
    digests = await node.custody.log_digests(facts[0], [Span(1, 5)])
    erasable = await neighbour.ask(lambda change: change.erasables.find(person.id))
    assert erasable is not None
    named = erasable.by_scope["koroszczyn"]
    await receive(erased(*named.events, subjects=tuple(named.subjects)))

    assert [body is None for body in await bodies(node, "facts", "alarms")] == [True, False, True, True, True, True]
    assert await node.views.registration(person.id) is None
    assert await node.views.registration(other.id) is not None
    assert await node.views.alarm(raised.id) is None
    assert await node.views.readings([person.id]) == []
    assert await node.views.picture_hashes(MORNING) == frozenset()
    assert await node.custody.log_digests(facts[0], [Span(1, 5)]) == digests
    assert await checked(node, facts[0]) == await checked(node, alarms[0]) == []


@pytest.mark.parametrize("which", [0, 1])
async def test_what_links_an_erased_registration_to_another_goes_with_it_and_the_other_stays(
    node: Node, neighbour: Node, receive: Receive, which: int
) -> None:
    both = registration(), registration()
    kept, other = [reading_taken(registration_id=one.id) for one in both]
    await receive(*(Registered(registration=one) for one in both), kept, other, linked(kept, other))

    erasable = await neighbour.ask(lambda change: change.erasables.find(both[which].id))
    assert erasable is not None
    named = erasable.by_scope["koroszczyn"]
    await receive(erased(*named.events, subjects=tuple(named.subjects)))

    assert (await bodies(node, "facts"))[-1] is None
    assert [await node.views.registration(one.id) is None for one in both] == [which == 0, which == 1]
    stays = both[1 - which].id
    assert [one.registration_id for one in await node.views.readings([stays])] == [stays]


async def test_what_was_erased_is_told_without_what_it_was(node: Node, receive: Receive, person: Registration) -> None:
    event = erased(new_id(), subjects=(person.id,))
    await receive(event)
    (found,) = (await node.views.erasures(ALL)).items
    assert found == Erasure(
        id=event.erasure_id,
        scope="koroszczyn",
        size=2,
        reason=event.reason,
        legal_basis="art. 17 RODO",
        erased_by="ewa",
        erased_at=MORNING,
    )
    assert (await node.views.erasures(Window(limit=1, after=found.id))).items == []


async def test_what_arrives_after_it_was_erased_is_taken_without_its_body(
    node: Node, neighbour: Node, person: Registration
) -> None:
    await neighbour.record(Registered(registration=person), rescreened(person))
    (log,) = await logs_of(neighbour, "facts")
    arriving = await batch(neighbour.logs, log)
    await neighbour.record(erased(ids_of(neighbour)[0], subjects=(person.id,)))
    await take_erasure(node, neighbour)
    await node.logs.apply([arriving], "neighbour")

    assert await bodies(node, "facts") == [None, None]
    assert await node.views.registration(person.id) is None
    assert [one.kind for one in node.arrived] == ["EventsErased"]
    assert (await node.views.quarantined_events(ALL)).items == []
    held = await node.logs.find(log)
    assert held is not None
    assert held.head == (await neighbour.logs.held())[1].head
    assert await checked(node, log) == []


async def test_what_nobody_named_and_is_about_the_same_goes_too(node: Node, receive: Receive) -> None:
    mine = registration()
    await node.record(Registered(registration=mine), rescreened(mine), reading_taken())
    raised = alarm(registration_id=mine.id)
    await node.record(AlarmRaised(alarm=raised))
    await receive(erased(ids_of(node)[0], subjects=(mine.id,), scope=NODE))

    assert [body is None for body in await bodies(node, "facts", "alarms")] == [True, True, False, True]
    assert await node.views.registration(mine.id) is None
    assert await node.views.alarm(raised.id) is None


async def test_what_the_centre_confirmed_after_it_erased_goes_too_however_much_that_is(
    node: Node, receive: Receive
) -> None:
    mine = registration()
    await node.record(Registered(registration=mine), rescreened(mine), *(reading_taken() for _ in range(2_100)))
    (log,) = await logs_of(node, "facts")
    held = await node.logs.find(log)
    assert held is not None
    await node.logs.confirm({log: held.head}, {log: held.head})
    seen = LogHead(channel="facts", epoch=log.epoch, seq=1)
    await receive(erased(ids_of(node)[0], subjects=(mine.id,), scope=NODE, heads=(seen,)))
    assert [body is None for body in await bodies(node, "facts")][:3] == [True, True, False]


async def test_a_log_that_the_centre_did_not_know_is_searched_from_its_beginning(node: Node, receive: Receive) -> None:
    mine = registration()
    raised = alarm(registration_id=mine.id)
    await node.record(Registered(registration=mine), AlarmRaised(alarm=raised))
    (facts,) = await logs_of(node, "facts")
    seen = tuple(LogHead(channel="facts", epoch=epoch, seq=9) for epoch in (facts.epoch, facts.epoch + 1))
    await receive(erased(ids_of(node)[0], subjects=(mine.id,), scope=NODE, heads=seen))
    assert await bodies(node, "facts", "alarms") == [None, None]


async def test_the_same_erased_twice_is_known_twice_and_gone(
    node: Node, receive: Receive, person: Registration
) -> None:
    await receive(Registered(registration=person))
    await receive(erased(subjects=(person.id,)), erased(subjects=(person.id, new_id())))
    assert len((await node.views.erasures(ALL)).items) == 2
    assert (await node.views.quarantined_events(ALL)).items == []


async def test_a_repair_puts_no_body_back(node: Node, neighbour: Node, receive: Receive, person: Registration) -> None:
    await receive(Registered(registration=person), rescreened(person))
    (log,) = await logs_of(node, "facts")
    live = (await neighbour.logs.read(log, 1, 2))[1]
    assert all(record.body for record in live)
    await receive(erased(*ids_of(neighbour)))
    await node.spoil.drop_event(log, 1)
    assert await node.custody.mend(log, 1, live[:1])
    assert await checked(node, log) == []
    assert await bodies(node, "facts") == [None, None]


async def test_a_restored_node_takes_none_of_its_own_back(node: Node, receive: Receive) -> None:
    """Neither into the log that its parent holds, nor into the one it goes on with."""
    mine = registration()
    await node.record(Registered(registration=mine))
    (log,) = await logs_of(node, "facts")
    before, records = await node.logs.read(log, 1, 1)
    returned = unpack(pack(log, 1, before, records).data)
    await receive(erased(subjects=(mine.id,), scope=NODE))
    elsewhere = LogId(NODE, 5, "facts")
    await node.logs.recall(unpack(pack(elsewhere, 1, before, records).data))
    await node.spoil.drop_event(log, 1)
    await node.spoil.drop_event(elsewhere, 1)
    await node.logs.adopt(returned)

    assert [body for body in await bodies(node, "facts") if body is not None] == []
    assert await node.views.registration(mine.id) is None


async def made(node: Node, feed: str) -> tuple[Manifest, MemoryShelf]:
    for log in await logs_of(node, feed):
        held = await node.logs.find(log)
        if held is not None and held.via is not None:
            await node.logs.note_arrival(log, "neighbour")
    shelf = MemoryShelf()
    maker = Maker(feed, shelf, 1)
    await node.snapshots.take(feed, maker)
    return maker.finish(), shelf


async def load(node: Node, manifest: Manifest, shelf: MemoryShelf) -> None:
    begun = await node.snapshots.begin(manifest)
    while begun.pieces < len(manifest.pieces):
        piece = unpack_piece(shelf.piece(manifest, begun.pieces))
        begun = await node.snapshots.put(begun, manifest.columns[piece.table], piece)
    await node.snapshots.finish(manifest, "neighbour")


async def test_a_snapshot_made_before_brings_no_row_back(node: Node, neighbour: Node, receive: Receive) -> None:
    gone, other = entry(), entry()
    await receive(EntryActivated(entry=gone), EntryActivated(entry=other))
    manifest, shelf = await made(node, FEED)
    await receive(withdrawn(gone.id), erased(*ids_of(neighbour)[:1], subjects=(gone.id,), scope="pl"))
    assert [one.id for one in (await node.views.entries(ALL)).items] == [other.id]
    await node.snapshots.leave(FEED)
    await load(node, manifest, shelf)
    assert [one.id for one in (await node.views.entries(ALL)).items] == [other.id]


async def test_erasures_that_come_as_a_snapshot_erase_what_is_held(
    node: Node, neighbour: Node, batches: BatchQuarantine, person: Registration
) -> None:
    gone, live = entry(), entry()
    await neighbour.record(
        Registered(registration=person), rescreened(person), EntryActivated(entry=gone), EntryActivated(entry=live)
    )
    arriving = [await batch(neighbour.logs, log) for log in await logs_of(neighbour, "facts", FEED)]
    await neighbour.record(erased(*ids_of(neighbour)[:3], subjects=(person.id, gone.id)))
    await take_erasure(node, neighbour)
    manifest, shelf = await made(node, "erasure.koroszczyn")
    assert await node.snapshots.leave("erasure.koroszczyn") == 6
    assert (await node.views.erasures(ALL)).items == []
    await node.logs.apply(arriving, "neighbour")
    assert await node.views.registration(person.id) is not None
    header, records = arriving[0]
    data = pack(header.log, 1, header.before, records).data
    await batches.keep(Untaken(child="koroszczyn", room="koroszczyn", data=data, reason="x", header=header))

    await load(node, manifest, shelf)
    assert len((await node.views.erasures(ALL)).items) == 1
    assert (await node.views.registrations(ALL)).items == []
    assert [one.id for one in (await node.views.entries(ALL)).items] == [live.id]
    assert [body is None for body in await bodies(node, "facts", FEED)] == [True, True, True, False]
    assert [unpack(data).records for data in await kept(node)] == [[record.erased() for record in records]]


async def test_what_is_judged_by_events_that_are_no_longer_held_stays_erased(
    node: Node, neighbour: Node, receive: Receive
) -> None:
    gone = entry()
    await receive(EntryActivated(entry=gone))
    (log,) = await logs_of(node, FEED)
    live = (await neighbour.logs.read(log, 1, 1))[1]
    manifest, shelf = await made(node, FEED)
    await node.snapshots.leave(FEED)
    await load(node, manifest, shelf)
    await receive(erased(subjects=(gone.id,), scope="pl"))

    async def lost(of: LogId, first: int, limit: int) -> Sequence[Record]:
        return live if (of, first, limit) == (log, 1, 1) else []

    judged = await node.custody.judge([FEED], [("entry", gone.id)], lost, repair=True)
    assert judged == {("entry", gone.id): Judged(None)}
    assert await node.views.entry(gone.id) is None


async def test_an_event_in_quarantine_is_erased_and_settled(
    node: Node, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.delitem(EVENTS_BY_KIND, "Rescreened")  # type: ignore[arg-type] # a dict behind the mapping
        seen = registration()
        await receive(Registered(registration=seen), rescreened(seen))
    (waiting,) = (await node.views.quarantined_events(ALL)).items
    await receive(erased(waiting.id))
    (settled,) = (await node.views.quarantined_events(ALL)).items
    assert (settled.state, settled.note, settled.size) == (QuarantineState.SET_ASIDE, "erased", 0)
    assert await node.views.quarantined_event(waiting.id) == (settled, b"")
    assert await node.views.held_event_count() == 0


@pytest.fixture
def batches(node: Node) -> BatchQuarantine:
    """Where the node under test keeps what cannot be taken."""
    ids = SeededIds(node.clock, seed="batches")
    if isinstance(node.changes, MemoryChanges):
        return MemoryBatches(node.changes.tables, clock=node.clock, ids=ids)
    return DatabaseBatches(node.changes._database, clock=node.clock, ids=ids)  # type: ignore[attr-defined] # a database's


async def kept(node: Node) -> list[bytes]:
    found = (await node.views.quarantined_batches(ALL)).items
    batches = [await node.views.quarantined_batch(one.id) for one in sorted(found, key=lambda one: one.id)]
    assert all(one is not None and one[0].size == len(one[1]) for one in batches)
    return [one[1] for one in batches if one is not None]


async def test_batches_in_quarantine_lose_the_bodies_too(
    node: Node, neighbour: Node, receive: Receive, batches: BatchQuarantine, person: Registration
) -> None:
    await receive(Registered(registration=registration()), Registered(registration=person))
    (log,) = await logs_of(node, "facts")
    before, records = await neighbour.logs.read(log, 1, 2)
    data = pack(log, 1, before, records).data
    header = unpack(data).header

    def untaken(data: bytes) -> Untaken:
        return Untaken(child="koroszczyn", room="koroszczyn", data=data, reason="x", header=header)

    await batches.keep(untaken(data))
    await batches.keep(Untaken(child="koroszczyn", room="koroszczyn", data=b"\xff" + data, reason="x", header=None))
    await receive(erased(ids_of(neighbour)[1], subjects=(person.id,)))
    first, unknown = await kept(node)
    without = [records[0], records[1].erased()]
    assert unpack(first) == (header, without)
    assert unknown == b"\xff" + data

    await batches.keep(untaken(data))
    assert unpack((await kept(node))[-1]).records == without


async def test_a_batch_that_cannot_be_read_and_held_what_is_erased_is_emptied(
    node: Node, neighbour: Node, receive: Receive, batches: BatchQuarantine, person: Registration
) -> None:
    await receive(Registered(registration=person))
    (log,) = await logs_of(node, "facts")
    data = pack(log, 1, *(await neighbour.logs.read(log, 1, 1))).data
    header = unpack(data).header
    elsewhere = msgspec.structs.replace(header, first=2, last=2)
    for of in (header, elsewhere):
        await batches.keep(Untaken(child="koroszczyn", room="koroszczyn", data=data[:-1], reason="x", header=of))
    await receive(erased(ids_of(neighbour)[0]))
    assert await kept(node) == [b"", data[:-1]]


async def test_answers_and_reactions_go_with_what_they_are_about(node: Node, receive: Receive) -> None:
    mine = registration()
    await node.record(Registered(registration=mine), Registered(registration=registration()))

    async def keep(change: WholeChange) -> None:
        await change.answers.keep("jan", "a key", b"digest", msgspec.json.encode(mine))
        await change.answers.keep("jan", "another", b"digest", b"null")
        for event_id in ids_of(node):
            await change.reactions.note(event_id, "screen")

    await node.ask(keep)
    await receive(erased(ids_of(node)[0], subjects=(mine.id,), scope=NODE))
    assert await node.ask(lambda change: change.answers.find("jan", "a key")) is None
    assert await node.ask(lambda change: change.answers.find("jan", "another")) is not None
    due = await node.ask(lambda change: change.reactions.due("screen", None, 10))
    assert [event_id for event_id, _ in due] == [ids_of(node)[1]]
