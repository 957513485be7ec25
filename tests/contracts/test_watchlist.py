"""Entries as they stand at a node, whatever the order in which feeds arrive."""

import pytest

from bus.recorded import RowMissing
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.model import Entry, EntryState
from tests.contracts.backends import Node, Receive
from tests.samples import MORNING, entry, new_id, submitted


def withdrawn(of: Entry) -> EntryWithdrawn:
    return EntryWithdrawn(
        entry_id=of.id,
        scope=of.scope,
        was_active=of.state is EntryState.ACTIVE,
        reason="found",
        withdrawn_by="anna",
        withdrawn_at=MORNING,
    )


async def state_after(node: Node, of: Entry, *events: Event) -> Entry | None:
    await node.record(*events)
    found = await node.ask(lambda change: change.entries.find(of.id))
    assert await node.views.entry(of.id) == found
    return found


async def test_an_entry_comes_back_as_it_was_recorded_through_all_its_life(node: Node) -> None:
    draft = submitted(title="Zażółć gęślą jaźń", scope="lubelskie")
    active = draft.approved(by="bogdan", at=MORNING)

    assert await state_after(node, draft, EntrySubmitted(entry=draft)) == draft
    assert await state_after(node, draft, EntryActivated(entry=active)) == active
    assert await state_after(node, draft, withdrawn(active)) == active.withdrawn()


async def test_an_entry_nobody_approved_can_be_withdrawn(node: Node) -> None:
    draft = submitted()

    assert await state_after(node, draft, EntrySubmitted(entry=draft), withdrawn(draft)) == draft.withdrawn()


async def test_an_entry_that_was_never_submitted_here_can_be_activated(node: Node) -> None:
    active = entry()

    assert await state_after(node, active, EntryActivated(entry=active)) == active


async def test_withdrawing_what_was_never_here_is_no_event_of_this_node(node: Node) -> None:
    with pytest.raises(RowMissing, match="entry"):
        await node.record(withdrawn(entry()))
    assert node.heard == []


async def test_drafts_that_arrive_after_what_came_of_them_change_nothing(node: Node) -> None:
    draft, other = submitted(), submitted()
    active, ended = draft.approved(by="bogdan", at=MORNING), other.approved(by="bogdan", at=MORNING)
    await node.record(EntryActivated(entry=active), EntryActivated(entry=ended), withdrawn(ended))

    assert await state_after(node, draft, EntrySubmitted(entry=draft)) == active
    assert await state_after(node, other, EntrySubmitted(entry=other)) == ended.withdrawn()


async def test_no_entry_is_found_where_there_is_none(node: Node) -> None:
    assert await node.ask(lambda change: change.entries.find(new_id())) is None
    assert await node.views.entry(new_id()) is None


async def test_entries_of_another_node_stand_here_as_there(node: Node, receive: Receive) -> None:
    active, ended = entry(), entry()
    await receive(EntryActivated(entry=active), EntryActivated(entry=ended), withdrawn(ended))

    assert await node.views.entry(active.id) == active
    assert await node.views.entry(ended.id) == ended.withdrawn()
