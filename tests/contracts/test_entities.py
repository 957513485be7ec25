"""What every entity is promised: it stands as events left it, is found by its columns, and is its node's alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bus.recorded import RowMissing
from domain.occurrences.events import OccurrenceCorrected, OccurrenceEnded, OccurrenceRecorded
from domain.occurrences.model import Occurrence, OccurrenceKind
from domain.shared.entities import THOSE_MAX
from domain.shared.views import Window
from tests.contracts.backends import Node, Receive
from tests.samples import MORNING, NODE, new_id

_LATER = MORNING + timedelta(hours=1)


def occurrence(**fields: Any) -> Occurrence:
    return replace(
        Occurrence(
            id=new_id(),
            node=NODE,
            kind=OccurrenceKind.WEATHER,
            lane="lane-1",
            text="Gołoledź na pasie",
            at=MORNING,
            recorded_by="anna",
            recorded_at=MORNING,
            registration_id=new_id(),
        ),
        **fields,
    )


def _corrected(of: Occurrence) -> OccurrenceCorrected:
    return OccurrenceCorrected(
        occurrence_id=of.id, text="Mgła", at=_LATER, reason="misheard", corrected_by="jan", corrected_at=_LATER
    )


async def test_an_entity_stands_as_events_left_it(node: Node, receive: Receive) -> None:
    mine, theirs = occurrence(), occurrence(node="koroszczyn")
    await node.record(OccurrenceRecorded(occurrence=mine), _corrected(mine))
    await receive(OccurrenceRecorded(occurrence=theirs), _corrected(theirs))

    for known in (mine, theirs):
        stands = await node.views.entity(Occurrence, known.id)
        assert stands is not None
        assert (stands.text, stands.at, stands.corrections) == ("Mgła", _LATER, 1)
        assert stands == await node.ask(lambda change, key=known.id: change.entities.find(Occurrence, key))
    assert await node.views.entity(Occurrence, new_id()) is None


async def test_an_entity_is_of_the_node_whose_log_it_is_in(node: Node, receive: Receive) -> None:
    theirs = occurrence(node=NODE)
    await receive(OccurrenceRecorded(occurrence=theirs))

    stands = await node.views.entity(Occurrence, theirs.id)
    assert stands is not None
    assert stands.node == "koroszczyn"


async def test_nobody_changes_the_entity_of_another_node(node: Node, receive: Receive) -> None:
    mine = occurrence()
    await node.record(OccurrenceRecorded(occurrence=mine))
    await receive(OccurrenceRecorded(occurrence=mine), _corrected(mine))

    assert await node.views.entity(Occurrence, mine.id) == mine
    assert await node.views.held_event_count() == 2


async def test_what_changes_an_entity_that_is_not_there_is_refused(node: Node) -> None:
    with pytest.raises(RowMissing):
        await node.record(_corrected(occurrence()))


async def test_every_entity_is_found_however_many_they_are(node: Node) -> None:
    weather = [occurrence() for _ in range(THOSE_MAX + 2)]
    closure = occurrence(kind=OccurrenceKind.CLOSURE)
    await node.record(*(OccurrenceRecorded(occurrence=one) for one in (*weather, closure)))

    wanted = {"node": NODE, "kind": OccurrenceKind.WEATHER}
    found = await node.ask(lambda change: change.entities.every(Occurrence, **wanted))
    assert [one.id for one in found] == [one.id for one in reversed(weather)]
    assert await node.views.every_entity(Occurrence, **wanted) == found
    assert await node.views.every_entity(Occurrence, node="koroszczyn") == []


async def test_entities_are_found_by_their_columns_a_page_at_a_time(node: Node) -> None:
    weather = [occurrence() for _ in range(3)]
    closure = occurrence(kind=OccurrenceKind.CLOSURE, registration_id=None)
    await node.record(*(OccurrenceRecorded(occurrence=one) for one in (*weather, closure)))

    async def found(**wanted: object) -> list[str]:
        page = await node.views.entities(Occurrence, Window(limit=10), **wanted)
        return [one.id for one in page.items]

    assert await found() == [one.id for one in (closure, *reversed(weather))]
    assert await found(kind=OccurrenceKind.WEATHER, lane=None) == [one.id for one in reversed(weather)]
    assert await found(registration_id=weather[1].registration_id) == [weather[1].id]
    assert await found(node="elsewhere") == []
    await node.record(OccurrenceEnded(occurrence_id=closure.id, ended_at=_LATER, ended_by="anna"))
    assert await found(lasts=True) == [one.id for one in reversed(weather)]
    assert await found(lasts=False) == [closure.id]
    those = await node.ask(lambda change: change.entities.those(Occurrence, 2, kind=OccurrenceKind.WEATHER))
    assert [one.id for one in those] == [weather[2].id, weather[1].id]

    first = await node.views.entities(Occurrence, Window(limit=2))
    rest = await node.views.entities(Occurrence, Window(limit=2, after=first.items[-1].id))
    assert ([len(page.items) for page in (first, rest)], first.more, rest.more) == ([2, 2], True, False)


async def test_a_column_that_there_is_not_cannot_be_asked_for(node: Node) -> None:
    with pytest.raises((KeyError, AttributeError)):
        await node.views.entities(Occurrence, Window(limit=1), colour="red")


async def test_an_entity_ends(node: Node) -> None:
    mine = occurrence()
    await node.record(
        OccurrenceRecorded(occurrence=mine),
        OccurrenceEnded(occurrence_id=mine.id, ended_at=_LATER, ended_by="anna"),
    )
    assert await node.views.entity(Occurrence, mine.id) == mine.ended(_LATER, "anna")


async def test_what_stands_beside_many_is_found_at_once_the_newest_of_each(node: Node) -> None:
    many, one, none = new_id(), new_id(), new_id()
    told = [occurrence(registration_id=each) for each in (many, one, many, many)]
    told.append(occurrence(registration_id=None))
    await node.record(*(OccurrenceRecorded(occurrence=each) for each in told))
    wanted = {many: [told[3], told[2]], none: [], one: [told[1]]}

    ids = [many, none, one, many]
    assert await node.views.entities_beside(Occurrence, "registration_id", ids, 2) == wanted
    found = await node.ask(lambda change: change.entities.beside(Occurrence, "registration_id", ids, 2))
    assert found == wanted
    assert await node.views.entities_beside(Occurrence, "registration_id", [], 2) == {}
