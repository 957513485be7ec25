"""Occurrences through the dispatcher: put on record, corrected, ended."""

from datetime import timedelta

import pytest

from domain.occurrences.commands import CorrectOccurrence, EndOccurrence, RecordOccurrence
from domain.occurrences.errors import OccurrenceEndedAlready, OccurrenceTimeImpossible, OccurrenceUnknown
from domain.occurrences.model import Occurrence, OccurrenceKind
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
    (first,) = site.happened("OccurrenceRecorded")
    (correction,) = site.happened("OccurrenceCorrected")
    assert (first.occurrence.text, correction.reason, correction.corrected_by) == ("Mgła", "źle widać", "anna")


async def test_it_ends_once(site: NodeInMemory) -> None:
    fog = await recorded(site)
    ended = await site.do(EndOccurrence(occurrence_id=fog.id))

    assert ended.ended_at == site.clock.now()
    with pytest.raises(OccurrenceEndedAlready):
        await site.do(EndOccurrence(occurrence_id=fog.id))


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (RecordOccurrence(kind=OccurrenceKind.OTHER, text=" "), TextMissing),
        (RecordOccurrence(kind=OccurrenceKind.OTHER, text="x", lane="Pas 1"), LaneMalformed),
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
