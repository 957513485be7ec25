"""Snapshots of feeds: taken, loaded, and what logs that begin behind one say; feeds that are left."""

from dataclasses import replace

import pytest

from adapters.memory.snapshots import MemoryShelf
from bus.replication.log import LogId, Position
from bus.snapshots.making import Maker
from bus.snapshots.manifest import Manifest, Place, unpack_piece
from bus.snapshots.ports import Load, NoSnapshot, Outrun
from bus.verification.ports import Share, Stretch
from domain.organisation.events import TrafficPermitted, UnitSet
from domain.organisation.places import Unit, UnitKind
from domain.organisation.traffic import PermittedTraffic
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated, EntrySubmitted
from domain.watchlist.model import EntryState
from tests.contracts.backends import Node, Receive, batch
from tests.samples import MORNING, entry, new_id, submitted, withdrawn

FEED = "watchlist.pl"


async def made(node: Node, feed: str = FEED) -> tuple[Manifest, MemoryShelf]:
    shelf = MemoryShelf()
    maker = Maker(feed, shelf, 1)
    await node.snapshots.take(feed, maker)
    return maker.finish(), shelf


async def load(node: Node, manifest: Manifest, shelf: MemoryShelf, *, via: str = "neighbour") -> None:
    begun = await node.snapshots.begin(manifest)
    while begun.pieces < len(manifest.pieces):
        piece = unpack_piece(shelf.piece(manifest, begun.pieces))
        begun = await node.snapshots.put(begun, manifest.columns[piece.table], piece)
    await node.snapshots.finish(manifest, via)
    await node.snapshots.sweep()


async def digests(node: Node) -> object:
    share = Share("entry", [FEED, "watchlist.lublin", "watchlist.drafts"])
    return await node.custody.rows(share, Stretch(), 1000)


async def log_of(node: Node, feed: str = FEED) -> LogId:
    return next(held.log for held in await node.logs.held() if held.log.channel == feed)


async def test_what_is_loaded_is_what_was_taken_and_the_log_begins_behind_it(node: Node, receive: Receive) -> None:
    one, other = entry(), entry()
    await receive(EntryActivated(entry=one), EntryActivated(entry=other), EntryActivated(entry=entry(scope="lublin")))
    await node.logs.note_arrival(await log_of(node), "neighbour")
    before, log = await digests(node), await log_of(node)
    held = await node.logs.find(log)
    assert held is not None
    manifest, shelf = await made(node)
    assert (await node.snapshots.leave(FEED)) >= 2
    assert await node.logs.find(log) is None
    assert await digests(node) != before

    await load(node, manifest, shelf)
    assert await digests(node) == before
    stands = await node.logs.find(log)
    assert stands is not None
    assert (stands.head, stands.floor, stands.via, stands.arrived) == (held.head, held.head, "neighbour", True)
    assert await node.logs.hash_at(log, 2) == held.head.hash
    assert [await node.logs.hash_at(log, seq) for seq in (0, 1)] == [None, None]
    for first in (1, 2):
        with pytest.raises(LookupError):
            await node.logs.read(log, first, 10)
    assert await node.logs.read(log, 3, 10) == (held.head.hash, [])
    (extent,) = [extent for extent in await node.custody.extents() if extent.log == log]
    assert (extent.floor, extent.head) == (held.head, held.head)

    await receive(withdrawn(one.id))
    found = await node.views.entry(one.id)
    assert found is not None
    assert found.state is EntryState.WITHDRAWN


async def test_a_list_counts_as_arrived_only_when_all_of_a_snapshot_is_in(needy: Node, neighbour: Node) -> None:
    await neighbour.record(EntryActivated(entry=entry()))
    log = await log_of(neighbour)
    await needy.logs.apply([await batch(neighbour.logs, log)], "neighbour")
    await needy.logs.note_arrival(log, "neighbour")
    manifest, shelf = await made(needy)
    assert FEED not in await needy.views.missing_lists()
    begun = await needy.snapshots.begin(manifest)
    assert await needy.snapshots.begin(manifest) == begun
    assert FEED in await needy.views.missing_lists()
    assert await needy.snapshots.loads() == [begun]
    await load(needy, manifest, shelf)
    assert FEED not in await needy.views.missing_lists()
    assert await needy.snapshots.loads() == []


async def test_what_a_snapshot_does_not_show_goes(node: Node, receive: Receive) -> None:
    kept, gone, other = entry(), entry(), entry(scope="lublin")
    await receive(EntryActivated(entry=kept), EntryActivated(entry=other))
    await node.logs.note_arrival(await log_of(node), "neighbour")
    manifest, shelf = await made(node)
    ahead = Position(5, bytes(32))
    place = Place(manifest.places[0].log, ahead)
    further = Manifest(manifest.id, FEED, 1, [place], manifest.columns, manifest.pieces, manifest.rows)
    await receive(EntryActivated(entry=gone))
    await load(node, further, shelf)
    page = await node.views.entries(Window(limit=50))
    assert {one.id for one in page.items} == {kept.id, other.id}
    held = await node.logs.find(await log_of(node))
    assert held is not None
    assert (held.head, held.floor) == (ahead, ahead)


async def test_a_snapshot_that_shows_less_than_is_held_is_refused_unless_one_is_required(
    node: Node, neighbour: Node, receive: Receive
) -> None:
    await receive(EntryActivated(entry=entry()))
    await node.logs.note_arrival(await log_of(node), "neighbour")
    manifest, shelf = await made(node)
    late = entry()
    await receive(EntryActivated(entry=late))
    with pytest.raises(Outrun):
        await node.snapshots.begin(manifest)
    await node.snapshots.require(FEED)
    assert await node.snapshots.loads() == [Load(feed=FEED, snapshot="", pieces=0, is_first=False)]
    with pytest.raises(NoSnapshot):
        await made(node)
    await load(node, manifest, shelf)
    assert await node.views.entry(late.id) is None
    held = await node.logs.find(await log_of(node))
    assert held is not None
    assert held.head == manifest.places[0].position
    await node.logs.apply([await batch(neighbour.logs, await log_of(node), 2)], "neighbour")
    assert await node.views.entry(late.id) is not None


async def test_a_draft_gives_way_to_what_came_of_it(node: Node, receive: Receive) -> None:
    draft = submitted()
    await receive(EntrySubmitted(entry=draft))
    drafts = "watchlist.drafts"
    await node.logs.note_arrival(await log_of(node, drafts), "neighbour")
    manifest, shelf = await made(node, drafts)
    active = replace(draft, state=EntryState.ACTIVE, approver="celina", approved_at=MORNING)
    await receive(EntryActivated(entry=active))
    await node.logs.note_arrival(await log_of(node), "neighbour")
    actives, active_shelf = await made(node)

    await load(node, manifest, shelf)
    assert await node.views.entry(draft.id) == active
    await node.snapshots.leave(FEED)
    await load(node, manifest, shelf)
    assert await node.views.entry(draft.id) == draft
    await load(node, actives, active_shelf)
    assert await node.views.entry(draft.id) == active


async def test_there_is_no_snapshot_of_what_has_not_arrived(node: Node, receive: Receive) -> None:
    with pytest.raises(NoSnapshot):
        await made(node)
    await receive(EntryActivated(entry=entry()))
    with pytest.raises(NoSnapshot):
        await made(node)


async def test_a_feed_that_is_left_takes_its_rows_and_nothing_else_with_it(node: Node, receive: Receive) -> None:
    gone, other = entry(), entry(scope="lublin")
    await receive(EntryActivated(entry=gone), EntryActivated(entry=other))
    assert await node.snapshots.leave(FEED) >= 1
    assert await node.snapshots.leave(FEED) == 0
    assert await node.views.entry(gone.id) is None
    assert await node.views.entry(other.id) == other
    assert {held.log.channel for held in await node.logs.held()} == {"watchlist.lublin"}


async def test_what_was_being_loaded_when_its_feed_was_left_does_not_come_after_all(
    node: Node, receive: Receive
) -> None:
    one = entry()
    await receive(EntryActivated(entry=one))
    await node.logs.note_arrival(await log_of(node), "neighbour")
    manifest, shelf = await made(node)
    await node.snapshots.leave(FEED)
    begun = await node.snapshots.begin(manifest)
    assert begun.is_first
    piece = unpack_piece(shelf.piece(manifest, 0))
    half = await node.snapshots.put(begun, manifest.columns[piece.table], piece)
    assert await node.views.entry(one.id) is not None

    await node.snapshots.leave(FEED)
    assert await node.views.entry(one.id) is None
    assert await node.snapshots.loads() == []
    for late in (begun, half):
        with pytest.raises(LookupError):
            await node.snapshots.put(late, manifest.columns[piece.table], piece)
    with pytest.raises(LookupError):
        await node.snapshots.finish(manifest, "neighbour")
    assert await node.views.entry(one.id) is None
    assert await node.logs.held() == []


async def test_a_load_gives_way_to_what_is_required_meanwhile(node: Node, receive: Receive) -> None:
    await receive(EntryActivated(entry=entry()))
    await node.logs.note_arrival(await log_of(node), "neighbour")
    manifest, shelf = await made(node)
    begun = await node.snapshots.begin(manifest)
    await node.snapshots.require(FEED)
    piece = unpack_piece(shelf.piece(manifest, 0))
    with pytest.raises(LookupError):
        await node.snapshots.put(begun, manifest.columns[piece.table], piece)
    with pytest.raises(LookupError):
        await node.snapshots.finish(manifest, "neighbour")
    assert [one.snapshot for one in await node.snapshots.loads()] == [""]


async def test_what_is_required_stays_so_when_history_gives_way_behind_a_snapshot(node: Node, receive: Receive) -> None:
    await receive(EntryActivated(entry=entry()))
    await node.logs.note_arrival(await log_of(node), "neighbour")
    await load(node, *(await made(node)))
    await receive(EntryActivated(entry=entry()))
    log = await log_of(node)
    await node.logs.give_way(log, 1)
    assert [(one.feed, one.snapshot) for one in await node.snapshots.loads()] == [(FEED, "")]
    held = await node.logs.find(log)
    assert held is not None
    assert not held.arrived
    with pytest.raises(LookupError):
        await node.logs.give_way(log, 0)


async def test_a_snapshot_holds_the_organisation(node: Node, receive: Receive) -> None:
    feed = "organisation.pl"
    chamber = Unit(code="ias-lublin", kind=UnitKind.CHAMBER, name="IAS w Lublinie")
    decided = PermittedTraffic(id=new_id(), post="kukuryki", closed=True, valid_from=MORNING, decree="zamknięcie")
    await receive(
        UnitSet(unit=replace(chamber, name="IAS"), set_by="jan", set_at=MORNING),
        UnitSet(unit=chamber, set_by="jan", set_at=MORNING),
        TrafficPermitted(permitted=decided),
    )
    await node.logs.note_arrival(await log_of(node, feed), "neighbour")
    manifest, shelf = await made(node, feed)
    await node.snapshots.leave(feed)
    assert await node.views.entity(Unit, chamber.code) is None

    await load(node, manifest, shelf)
    assert await node.views.entity(Unit, chamber.code) == chamber
    assert (await node.views.entities(PermittedTraffic, Window(limit=10), post="kukuryki")).items == [decided]
