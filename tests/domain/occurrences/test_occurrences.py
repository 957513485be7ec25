"""Occurrences through the dispatcher: put on record, corrected, ended."""

from datetime import timedelta

import pytest

from domain.occurrences.commands import CorrectOccurrence, EndOccurrence, RecordOccurrence
from domain.occurrences.errors import (
    OccurrenceEndedAlready,
    OccurrenceObjectUnknown,
    OccurrenceTimeImpossible,
    OccurrenceUnknown,
)
from domain.occurrences.model import STATEMENTS_MAX, Occurrence, OccurrenceKind, Statement
from domain.registrations.commands import RegisterVehicle
from domain.shared.errors import NotHere, Refusal
from domain.shared.lanes import LaneMalformed
from domain.shared.messages import Command
from domain.shared.texts import TextMissing
from tests.nodes import NodeInMemory, carry
from tests.samples import new_id

FOG = RecordOccurrence(kind=OccurrenceKind.WEATHER, text=" Mgła ", lane="lane-1")


async def recorded(site: NodeInMemory) -> Occurrence:
    made: Occurrence = await site.do(FOG)
    site.clock.step()
    return made


async def test_what_happened_is_on_record(site: NodeInMemory) -> None:
    fog = await recorded(site)

    assert await site.views.entity(Occurrence, fog.id) == fog
    assert (fog.node, fog.kind, fog.text, fog.lane) == ("dorohusk", OccurrenceKind.WEATHER, "Mgła", "lane-1")


async def test_a_correction_says_why_and_the_first_stays(site: NodeInMemory) -> None:
    fog = await recorded(site)
    earlier = fog.at - timedelta(hours=1)
    await site.do(CorrectOccurrence(occurrence_id=fog.id, text="Śnieg", at=earlier, reason="źle widać"))

    stands = await site.views.entity(Occurrence, fog.id)
    assert stands is not None
    assert (stands.text, stands.at, stands.corrections) == ("Śnieg", earlier, 1)
    assert stands.earlier == (
        Statement(text="Mgła", at=fog.at, corrected_by="anna", corrected_at=site.clock.now(), reason="źle widać"),
    )
    (first,) = site.happened("OccurrenceRecorded")
    assert first.occurrence.text == "Mgła"


async def test_what_was_said_before_is_kept_within_bounds(site: NodeInMemory) -> None:
    fog = await recorded(site)
    for number in range(STATEMENTS_MAX + 1):
        fog = await site.do(CorrectOccurrence(occurrence_id=fog.id, text=f"{number}", at=fog.at, reason="x"))
    assert (fog.corrections, len(fog.earlier)) == (STATEMENTS_MAX + 1, STATEMENTS_MAX)
    assert (fog.earlier[0].text, fog.earlier[-1].text, fog.text) == ("0", str(STATEMENTS_MAX - 1), str(STATEMENTS_MAX))


async def test_it_ends_once(site: NodeInMemory) -> None:
    fog = await recorded(site)
    ended = await site.do(EndOccurrence(occurrence_id=fog.id))

    assert (ended.ended_at, ended.ended_by, fog.lasts, ended.lasts) == (site.clock.now(), "anna", True, False)
    with pytest.raises(OccurrenceEndedAlready):
        await site.do(EndOccurrence(occurrence_id=fog.id))


async def test_it_may_be_about_what_was_registered(site: NodeInMemory) -> None:
    car = await site.do(RegisterVehicle(lane="lane-1", direction="inbound", plate="PO 9K881", country="PL"))
    seized = await site.do(RecordOccurrence(kind=OccurrenceKind.SEIZURE, text="x", registration_id=car.id))
    assert seized.registration_id == car.id


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (RecordOccurrence(kind=OccurrenceKind.OTHER, text=" "), TextMissing),
        (RecordOccurrence(kind=OccurrenceKind.OTHER, text="x", lane="Pas 1"), LaneMalformed),
        (RecordOccurrence(kind=OccurrenceKind.SEIZURE, text="x", registration_id=new_id()), OccurrenceObjectUnknown),
        (EndOccurrence(occurrence_id=new_id()), OccurrenceUnknown),
    ],
)
async def test_what_makes_no_sense_is_refused(site: NodeInMemory, command: Command, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        await site.do(command)


async def test_times_that_cannot_be_are_refused(site: NodeInMemory) -> None:
    fog = await recorded(site)
    day = timedelta(days=1)
    for command in (
        RecordOccurrence(kind=OccurrenceKind.OTHER, text="x", at=site.clock.now() + day),
        EndOccurrence(occurrence_id=fog.id, at=fog.at - day),
        CorrectOccurrence(occurrence_id=fog.id, text="x", at=site.clock.now() + day, reason="x"),
    ):
        with pytest.raises(OccurrenceTimeImpossible):
            await site.do(command)


async def test_its_site_alone_changes_it(site: NodeInMemory, centre: NodeInMemory) -> None:
    fog = await recorded(site)
    await carry(site, centre)

    assert await centre.views.entity(Occurrence, fog.id) == fog
    with pytest.raises(NotHere):
        await centre.do(EndOccurrence(occurrence_id=fog.id))
