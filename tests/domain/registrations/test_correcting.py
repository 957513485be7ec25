"""What officers correct: a fact of its own, matched at once, and what was said first stays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alarms.commands import AcknowledgeAlarm
from domain.alarms.model import Alarm, AlarmState
from domain.identifiers.plates import PlateUnreadable
from domain.registrations.commands import (
    CorrectRegistration,
    RegisterCargoUnit,
    RegisterPerson,
    RegisterPersonByHand,
    RegisterVehicle,
    ScreenAgain,
)
from domain.registrations.errors import (
    CargoUnitUnknown,
    CheckDigitsFailed,
    CorrectionSaysNothingNew,
    CorrectionUnfit,
    RegistrationChangedMeanwhile,
    RegistrationUnknown,
)
from domain.registrations.events import Registered, RegistrationCorrected
from domain.registrations.model import (
    CORRECTIONS_MAX,
    Correction,
    ObjectKind,
    Registration,
    Said,
    ScreeningOutcome,
)
from domain.shared.errors import NotHere
from domain.shared.texts import TextMissing
from domain.watchlist.events import EntryActivated
from tests.domain.registrations.sights import Look
from tests.nodes import ALL, ANALYST, OFFICER, NodeInMemory
from tests.samples import MORNING, entry, new_id, registration, screening

PLATE = RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 12346", country="PL")
MRZ = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
MISREAD = (MRZ[0], MRZ[1].replace("L898902C3", "L8989O2C3"))
NOWAK = RegisterPersonByHand(
    lane="", direction="", surname="Nowak", given_names="Jan", nationality="POL", sex="M", document="ABC 123456"
)
JAN = replace(OFFICER, name="jan")


def right(of: Registration, said: Any, **fields: Any) -> CorrectRegistration:
    """Return the wish to correct a registration as it was seen."""
    wish = CorrectRegistration(registration_id=of.id, seen=of.version, reason="dirty plate", right=said)
    return replace(wish, **fields)


def plate_said(plate: str) -> RegisterVehicle:
    return RegisterVehicle(lane="", direction="", plate=plate, country="PL")


async def seek(node: NodeInMemory, plate: str) -> None:
    await node.changes.run(ANALYST, lambda change: change.record(EntryActivated(entry=entry((plate, "PL")))))


async def stands(node: NodeInMemory, of: Registration) -> Registration:
    found = await node.views.registration(of.id)
    assert found is not None
    return found


async def alarms(node: NodeInMemory) -> list[Alarm]:
    return list((await node.views.alarms(ALL)).items)[::-1]


async def test_a_correction_says_who_when_why_and_what_was_said_before(site: NodeInMemory) -> None:
    first = await site.do(PLATE)
    site.clock.step()
    corrected = await site.do(right(first, plate_said("WA 12345")), JAN)

    (told,) = corrected.corrections
    assert (corrected.label, corrected.version, corrected.registered_by) == ("WA12345", 1, "anna")
    assert (told.number, told.by, told.at, told.reason) == (1, "jan", site.clock.now(), "dirty plate")
    assert (told.before, told.after) == (first.said, corrected.said)
    assert corrected == await stands(site, first)
    (registered,) = site.happened("Registered")
    assert registered == Registered(registration=first)


async def test_what_is_right_is_matched_at_once_and_a_new_match_raises_an_alarm(site: NodeInMemory) -> None:
    await seek(site, "WA 12345")
    await seek(site, "WA 12346")
    first = await site.do(PLATE)
    corrected = await site.do(right(first, plate_said("WA 12345")))

    misread, met = await alarms(site)
    assert (misread.label, met.label, met.registration_id) == ("WA12346", "WA12345", first.id)
    assert [each.entry_id for each in corrected.screening.matches] == [met.match.entry_id if met.match else ""]
    (told,) = corrected.corrections
    assert told.met == first.screening.matches
    assert misread.ended_at is None


async def test_an_alarm_for_what_stays_the_same_is_repeated_and_not_raised_again(site: NodeInMemory) -> None:
    await seek(site, "WA 12346")
    first = await site.do(PLATE)
    await site.do(right(first, replace(plate_said("WA 12346"), vin="WVWZZZ1KZAW123456")))
    assert [each.repeats for each in await alarms(site)] == [1]


async def test_an_alarm_that_was_taken_for_another_does_not_answer_for_what_is_corrected_to_its_plate_later(
    site: NodeInMemory,
) -> None:
    await seek(site, "WA 12345")
    first = await site.do(PLATE)
    site.clock.step()
    await site.do(replace(PLATE, plate="WA 12345"))
    (other,) = await alarms(site)
    site.clock.step()
    await site.do(AcknowledgeAlarm(alarm_id=other.id))
    site.clock.step()
    await site.do(right(first, plate_said("WA 12345")))

    taken, raised = await alarms(site)
    assert (taken.id, taken.repeats) == (other.id, 0)
    assert (raised.label, raised.registration_id, raised.state) == ("WA12345", first.id, AlarmState.RAISED)


async def test_a_correction_that_could_not_be_checked_is_checked_by_what_it_says_now(site: NodeInMemory) -> None:
    await seek(site, "WA 12346")
    first = await site.do(PLATE)
    site.changes.watchlist.readable = False
    corrected = await site.do(right(first, plate_said("WA 12345")))
    assert (corrected.screening.outcome, corrected.screening.matches) == (ScreeningOutcome.NOT_CHECKED, ())

    site.changes.watchlist.readable = True
    checked = await site.do(ScreenAgain(registration_id=first.id))
    assert (checked.screening.outcome, checked.screening.matches) == (ScreeningOutcome.CHECKED, ())
    assert [each.cause.partition(":")[0] for each in await alarms(site)] == ["entry", "screening"]


async def test_two_officers_do_not_overwrite_each_other(site: NodeInMemory) -> None:
    first = await site.do(PLATE)
    second = await site.do(right(first, plate_said("WA 12345")))
    with pytest.raises(RegistrationChangedMeanwhile) as refused:
        await site.do(right(first, plate_said("WA 12344")), JAN)
    assert refused.value.facts == {"version": 1, "officer": "anna"}
    third = await site.do(right(second, plate_said("WA 12344")), JAN)
    assert [(each.number, each.by, each.after.label) for each in third.corrections] == [
        (1, "anna", "WA12345"),
        (2, "jan", "WA12344"),
    ]
    assert [each.canonical for each in third.former] == ["WA12346", "WA12345"]


async def test_the_correction_that_a_zone_is_offered_is_taken(site: NodeInMemory) -> None:
    confirmed = RegisterPerson(lane="lane-1", direction="inbound", mrz=MISREAD, confirm_failed_checks=True)
    first = await site.do(confirmed)
    with pytest.raises(CheckDigitsFailed) as refused:
        await site.do(right(first, replace(confirmed, confirm_failed_checks=False)))
    assert (refused.value.path, refused.value.facts["correction"]) == (("person", "mrz"), MRZ)
    corrected = await site.do(right(first, replace(confirmed, mrz=refused.value.facts["correction"])))
    assert (first.failed_checks != (), corrected.failed_checks, corrected.label) == (True, (), "L898902C3")


async def test_a_name_and_a_unit_of_cargo_are_corrected(site: NodeInMemory) -> None:
    person = await site.do(replace(NOWAK, lane="lane-1", direction="inbound"))
    renamed = await site.do(right(person, replace(NOWAK, surname="Nowacki")))
    assert renamed.traveller is not None
    assert (renamed.label, renamed.traveller.surname, renamed.former) == ("ABC123456", "NOWACKI", ())
    unit = RegisterCargoUnit(lane="lane-1", direction="inbound", kind=ObjectKind.CONTAINER, code="CSQU3054384")
    container = await site.do(unit)
    assert (await site.do(right(container, replace(unit, code="CSQU3054383")))).label == "CSQU3054383"


async def test_what_a_camera_reads_later_stays_behind_what_an_officer_said(post: NodeInMemory, look: Look) -> None:
    taken = await look("WA 12346", at=0)
    first = await post.views.registration(taken.registration_id)
    assert first is not None
    await post.do(right(first, plate_said("WA 12345")))
    again = await look("WA 12344", at=4)
    assert (again.status, again.registration_id) == ("merged", first.id)

    after = await stands(post, first)
    assert [each.canonical for each in after.identifiers] == ["WA12345", "WA12344"]
    still = after.rescreened(first.identifiers, after.screening)
    assert still.identifiers == after.identifiers


async def test_what_a_camera_reads_as_an_officer_said_is_told_and_met_once(post: NodeInMemory, look: Look) -> None:
    await seek(post, "WA 12345")
    taken = await look("WA12346", at=0)
    first = await post.views.registration(taken.registration_id)
    assert first is not None
    await post.do(right(first, plate_said("wa 12345")))
    await look("WA-12345", at=4)

    after = await stands(post, first)
    assert [each.raw for each in after.identifiers] == ["wa 12345"]
    assert [each.raw for each in after.screening.matches] == ["wa 12345"]


@pytest.mark.parametrize(
    ("fields", "refusal", "path"),
    [
        ({"reason": " "}, TextMissing, ("reason",)),
        ({"registration_id": new_id()}, RegistrationUnknown, ("registrationId",)),
        ({"seen": 1}, RegistrationChangedMeanwhile, ("seen",)),
        ({"right": plate_said("--")}, PlateUnreadable, ("vehicle", "plate")),
        ({"right": plate_said("wa-12346")}, CorrectionSaysNothingNew, ("registrationId",)),
        (
            {"right": RegisterCargoUnit(lane="", direction="", kind=ObjectKind.WAGON, code="1")},
            CorrectionUnfit,
            ("cargoUnit",),
        ),
        ({"right": NOWAK}, CorrectionUnfit, ("person", "byHand")),
        (
            {"right": RegisterCargoUnit(lane="", direction="", kind=ObjectKind.VEHICLE, code="x")},
            CargoUnitUnknown,
            ("cargoUnit", "kind"),
        ),
    ],
)
async def test_what_cannot_be_corrected_is_refused(
    site: NodeInMemory, fields: dict[str, Any], refusal: type[Exception], path: tuple[str, ...]
) -> None:
    first = await site.do(PLATE)
    with pytest.raises(refusal) as refused:
        await site.do(right(first, plate_said("WA 12345"), **fields))
    made: Any = refused.value
    assert made.path == path
    assert site.happened("RegistrationCorrected") == []


async def test_only_the_site_that_registered_it_corrects_it(site: NodeInMemory) -> None:
    theirs = registration(node="koroszczyn")
    site.changes.tables.registrations.put(theirs, theirs.id)
    with pytest.raises(NotHere) as refused:
        await site.do(right(theirs, plate_said("WA 1")))
    assert refused.value.facts["node"] == "koroszczyn"


def test_the_first_and_the_newest_corrections_are_told() -> None:
    one = registration()
    for number in range(1, CORRECTIONS_MAX + 10):
        said = Said(identifiers=one.identifiers, failed_checks=(str(number),))
        correction = Correction(
            number=number, by="anna", at=MORNING + timedelta(minutes=number), reason="x", before=one.said, after=said
        )
        one = one.corrected(correction, screening())
    numbers = [each.number for each in one.corrections]
    assert (len(numbers), numbers[:2], numbers[-1], one.version) == (
        CORRECTIONS_MAX,
        [1, 11],
        CORRECTIONS_MAX + 9,
        CORRECTIONS_MAX + 9,
    )


async def test_a_correction_is_of_what_may_be_gone_after_five_minutes(site: NodeInMemory) -> None:
    first = await site.do(PLATE)
    second = await site.do(right(first, plate_said("WA 12345")))
    site.clock.set(site.clock.now() + timedelta(minutes=6))
    await site.do(right(second, plate_said("WA 12344")))
    told: list[RegistrationCorrected] = list(site.happened("RegistrationCorrected"))
    assert [each.late for each in told] == [False, True]
