"""What officers register: vehicles by plate, persons by the machine-readable zone."""

from datetime import date

import pytest

from domain.identifiers.mrz import MrzUnreadable
from domain.identifiers.plates import PlateUnreadable
from domain.registrations.commands import RegisterPerson, RegisterVehicle
from domain.registrations.errors import CheckDigitsFailed
from domain.registrations.model import ObjectKind, ScreeningOutcome, Traveller
from domain.shared.errors import Refusal
from domain.shared.lanes import DirectionUnknown, LaneMalformed
from domain.shared.messages import Command
from tests.nodes import ALL, OFFICER, NodeInMemory

# The specimen of ICAO Doc 9303, part 4.
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
MISREAD = (PASSPORT[0], PASSPORT[1].replace("L898902C3", "L898902C8"))


def vehicle(plate: str = "wa 12345", lane: str = "lane-1", direction: str = "inbound") -> RegisterVehicle:
    return RegisterVehicle(lane=lane, direction=direction, plate=plate, country="Poland")


def person(mrz: tuple[str, ...] = PASSPORT, *, confirmed: bool = False) -> RegisterPerson:
    return RegisterPerson(lane="lane-2", direction="inbound", mrz=mrz, confirm_failed_checks=confirmed)


async def test_a_vehicle_is_registered_by_its_plate(site: NodeInMemory) -> None:
    registration = await site.do(vehicle())

    assert await site.views.registration(registration.id) == registration
    assert (registration.node, registration.kind, registration.label) == ("dorohusk", ObjectKind.VEHICLE, "WA12345")
    assert (registration.source, registration.registered_by) == ("officer", OFFICER.name)
    assert (registration.lane, registration.direction) == ("lane-1", "inbound")
    assert registration.seen_at == registration.registered_at == site.clock.now()
    assert (registration.passage_id, registration.device_time, registration.late) == (None, None, False)
    assert registration.screening.outcome is ScreeningOutcome.CHECKED


async def test_a_person_is_registered_by_the_document(site: NodeInMemory) -> None:
    registration = await site.do(person())

    assert await site.views.registration(registration.id) == registration
    assert (registration.kind, registration.label, registration.failed_checks) == (ObjectKind.PERSON, "L898902C3", ())
    assert registration.identifiers[0].country == "UTO"
    assert registration.traveller == Traveller(
        surname="ERIKSSON", given_names="ANNA MARIA", nationality="UTO", birth_date=date(1974, 8, 12), sex="F"
    )


async def test_a_document_whose_check_digits_fail_is_refused_until_it_is_confirmed(site: NodeInMemory) -> None:
    with pytest.raises(CheckDigitsFailed) as refused:
        await site.do(person(MISREAD))
    assert (refused.value.code, refused.value.path) == ("CHECK_DIGITS_FAILED", ("mrz",))
    assert refused.value.facts == {"failed": ("number", "composite"), "correction": ()}
    assert (await site.views.registrations(ALL)).items == []

    registration = await site.do(person(MISREAD, confirmed=True))
    assert (registration.label, registration.failed_checks) == ("L898902C8", ("number", "composite"))
    assert registration.identifiers[0].check == "fails"


async def test_the_one_character_that_may_have_been_misread_is_offered(site: NodeInMemory) -> None:
    with pytest.raises(CheckDigitsFailed) as refused:
        await site.do(person((PASSPORT[0], PASSPORT[1].replace("L898902C3", "L8989O2C3"))))

    assert refused.value.facts["correction"] == PASSPORT
    assert (await site.do(person(PASSPORT))).failed_checks == ()


async def test_confirming_a_document_without_fault_changes_nothing(site: NodeInMemory) -> None:
    assert (await site.do(person(confirmed=True))).failed_checks == ()


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (vehicle(lane="Lane 1"), LaneMalformed),
        (vehicle(lane=""), LaneMalformed),
        (vehicle(lane="a" * 41), LaneMalformed),
        (vehicle(lane="1st-lane"), LaneMalformed),
        (vehicle(lane="lane-1\n"), LaneMalformed),
        (vehicle(direction="sideways"), DirectionUnknown),
        (vehicle(plate=" - "), PlateUnreadable),
        (vehicle(plate="A" * 200), PlateUnreadable),
        (person(("P<UTO", "L89")), MrzUnreadable),
        (person(()), MrzUnreadable),
    ],
)
async def test_what_makes_no_sense_is_refused_and_not_registered(
    site: NodeInMemory, command: Command, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await site.do(command)

    assert site.happened("Registered") == []


async def test_two_registrations_of_one_vehicle_are_two(site: NodeInMemory) -> None:
    first, second = await site.do(vehicle()), await site.do(vehicle())

    assert first.id != second.id
    assert len((await site.views.registrations(ALL, label="WA12345")).items) == 2
