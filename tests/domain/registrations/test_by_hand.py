"""What officers type: persons without a machine-readable zone, VIN, wagons and containers."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.identifiers.documents import DocumentNumberUnreadable
from domain.identifiers.kind import IdentifierUnreadable
from domain.identifiers.plates import PlateUnreadable
from domain.registrations.commands import RegisterCargoUnit, RegisterPersonByHand, RegisterVehicle
from domain.registrations.errors import BirthDateImpossible, CargoUnitUnknown, SexUnknown
from domain.registrations.model import ObjectKind, ScreeningOutcome, Traveller
from domain.shared.errors import Refusal
from domain.shared.messages import Command
from domain.shared.texts import TextMissing, TextTooLong
from tests.nodes import NodeInMemory

PERSON = RegisterPersonByHand(
    lane="lane-1",
    direction="inbound",
    surname=" Nowak ",
    given_names="Jan",
    nationality="pol",
    sex="m",
    birth_date=date(1980, 2, 29),
    document="ABC 123456",
    issuer="POL",
)
VEHICLE = RegisterVehicle(lane="lane-1", direction="inbound", plate="")
UNIT = RegisterCargoUnit(lane="lane-1", direction="inbound", kind=ObjectKind.CONTAINER, code="CSQU 305438-3")


async def test_a_person_without_a_zone_is_registered_and_matched(site: NodeInMemory) -> None:
    made = await site.do(PERSON)
    assert (made.kind, made.label, made.screening.outcome) == (ObjectKind.PERSON, "ABC123456", ScreeningOutcome.CHECKED)
    assert made.traveller == Traveller(
        surname="NOWAK", given_names="JAN", nationality="POL", birth_date=date(1980, 2, 29), sex="M"
    )


async def test_a_person_without_any_document_is_registered(site: NodeInMemory) -> None:
    made = await site.do(replace(PERSON, document="", birth_date=None))
    assert (made.label, made.identifiers, made.traveller.birth_date) == ("", (), None)


async def test_a_vehicle_is_known_by_its_vin(site: NodeInMemory) -> None:
    by_vin = await site.do(replace(VEHICLE, vin="1M8GDM9AXKP042788"))
    assert [(each.kind, each.canonical) for each in by_vin.identifiers] == [("vin", "1M8GDM9AXKP042788")]
    by_both = await site.do(replace(VEHICLE, plate="WA 12345", vin="WVWZZZ1KZAW123456"))
    assert (by_both.label, [each.kind for each in by_both.identifiers]) == ("WA12345", ["plate", "vin"])


@pytest.mark.parametrize(
    ("unit", "label", "check"),
    [
        (UNIT, "CSQU3054383", "holds"),
        (replace(UNIT, code="CSQU3054384"), "CSQU3054384", "fails"),
        (replace(UNIT, kind=ObjectKind.WAGON, code="21 81 2471 217-3"), "218124712173", "holds"),
    ],
)
async def test_units_of_cargo_are_registered_whatever_their_check_digit(
    site: NodeInMemory, unit: RegisterCargoUnit, label: str, check: str
) -> None:
    made = await site.do(unit)
    assert (made.kind, made.label, made.identifiers[0].check) == (unit.kind, label, check)


@pytest.mark.parametrize(
    ("command", "refusal", "path"),
    [
        (replace(PERSON, surname=" "), TextMissing, "surname"),
        (replace(PERSON, nationality="POLSKA"), TextTooLong, "nationality"),
        (replace(PERSON, sex="K"), SexUnknown, "sex"),
        (replace(PERSON, birth_date=date(2026, 3, 3)), BirthDateImpossible, "birthDate"),
        (replace(PERSON, birth_date=date(1895, 1, 1)), BirthDateImpossible, "birthDate"),
        (replace(PERSON, document="--"), DocumentNumberUnreadable, "document"),
        (replace(VEHICLE, vin="--"), IdentifierUnreadable, "vin"),
        (VEHICLE, PlateUnreadable, "plate"),
        (replace(UNIT, code="--"), IdentifierUnreadable, "code"),
        (replace(UNIT, kind=ObjectKind.PERSON), CargoUnitUnknown, "kind"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    site: NodeInMemory, command: Command, refusal: type[Refusal], path: str
) -> None:
    with pytest.raises(refusal) as refused:
        await site.do(command)
    made: Any = refused.value
    assert made.path == (path,)
