from typing import Any

from domain.registrations.model import ScreeningOutcome
from domain.shared.actors import Role
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated
from tests import samples
from tests.api.nodes import Node, key

VEHICLE = """
mutation ($input: VehicleRegisterInput!) {
  vehicleRegister(input: $input) {
    __typename
    ... on RegisterSuccess {
      registration {
        id label kind direction lane source registeredBy node late
        identifiers { kind raw canonical country check why }
        screening { outcome matches { entryId title tier key read matched differences } listVersion { feed seq } }
        readings { id }
      }
    }
    ... on Problem { code message path facts { name values } }
  }
}
"""
PERSON = """
mutation ($input: PersonRegisterInput!) {
  personRegister(input: $input) {
    __typename
    ... on RegisterSuccess {
      registration { label failedChecks traveller { surname givenNames nationality birthDate sex } }
    }
    ... on Problem { code message path facts { name values } }
  }
}
"""
AGAIN = """
mutation ($input: RegistrationScreenAgainInput!) {
  registrationScreenAgain(input: $input) {
    __typename
    ... on RegisterSuccess { registration { screening { outcome } } }
    ... on Problem { code path }
  }
}
"""
MRZ = (  # the specimen of ICAO Doc 9303, part 4
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
WRONG_CHECK = MRZ[1].replace("C36UTO", "C35UTO")


def vehicle(**fields: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": key(),
        "lane": "lane-1",
        "direction": "outbound",
        "plate": "wa 12345",
        "country": "POL",
    } | fields


def person(*mrz: str, **fields: Any) -> dict[str, Any]:
    return {"idempotencyKey": key(), "lane": "lane-1", "direction": "inbound", "mrz": mrz} | fields


async def register(node: Node, given: dict[str, Any]) -> Any:
    return (await node.ask(VEHICLE, Role.OFFICER, input=given))["vehicleRegister"]


async def register_person(node: Node, given: dict[str, Any]) -> Any:
    return (await node.ask(PERSON, Role.OFFICER, input=given))["personRegister"]


async def test_vehicle_by_its_plate(site: Node) -> None:
    answer = await register(site, vehicle())

    registration = answer["registration"]
    assert answer["__typename"] == "RegisterSuccess"
    assert registration["label"] == "WA12345"
    assert (registration["kind"], registration["source"], registration["registeredBy"]) == ("VEHICLE", "officer", "jan")
    assert registration["identifiers"][0]["country"] == "PL"
    assert registration["screening"]["outcome"] == "CHECKED"
    assert registration["readings"] == []


async def test_vehicle_is_matched_as_it_is_registered(site: Node) -> None:
    await site.record(EntryActivated(entry=samples.entry(("WA1234S", "PL"))))
    (match,) = (await register(site, vehicle()))["registration"]["screening"]["matches"]
    assert (match["key"], match["read"], match["matched"], match["differences"]) == (
        "folded",
        "WA12345",
        "WA1234S",
        [6],
    )


async def test_plate_of_200_characters_is_refused(site: Node) -> None:
    answer = await register(site, vehicle(plate="A" * 200))
    assert answer["__typename"] == "InvalidInput"
    assert (answer["code"], answer["path"]) == ("PLATE_UNREADABLE", ["plate"])
    assert answer["facts"] == [{"name": "length", "values": ["200"]}]


async def test_each_mistake_has_its_own_problem(site: Node) -> None:
    for fields, code in (
        ({"plate": ""}, "PLATE_UNREADABLE"),
        ({"plate": "-- --"}, "PLATE_UNREADABLE"),
        ({"lane": "Lane 1"}, "LANE_MALFORMED"),
        ({"lane": ""}, "LANE_MALFORMED"),
        ({"direction": "up"}, "DIRECTION_UNKNOWN"),
    ):
        answer = await register(site, vehicle(**fields))
        assert (answer["__typename"], answer["code"]) == ("InvalidInput", code)


async def test_problem_is_told_in_the_language_of_the_caller(site: Node) -> None:
    for accepted, message in (
        ("pl", "Numer rejestracyjny nie zawiera liter ani cyfr albo ma ich więcej niż 32."),
        ("en;q=0.3, pl-PL;q=0.9", "Numer rejestracyjny nie zawiera liter ani cyfr albo ma ich więcej niż 32."),
        ("en", "The plate holds no letter or digit, or more than 32 of them, or over 200 characters in all."),
        ("", "The plate holds no letter or digit, or more than 32 of them, or over 200 characters in all."),
    ):
        response = await site.post(
            VEHICLE, Role.OFFICER, variables={"input": vehicle(plate="")}, headers={"accept-language": accepted}
        )
        assert response.json()["data"]["vehicleRegister"]["message"] == message


async def test_same_key_gives_the_same_answer(site: Node) -> None:
    given = vehicle()
    first, second = await register(site, given), await register(site, given)

    assert first == second
    assert len((await site.views.registrations(Window(limit=10))).items) == 1


async def test_same_key_for_something_else_is_refused(site: Node) -> None:
    given = vehicle()
    await register(site, given)
    answer = await register(site, {**given, "plate": "LUB9988C"})
    assert (answer["__typename"], answer["code"], answer["path"]) == ("Conflict", "KEY_REUSED", ["idempotencyKey"])


async def test_key_of_one_person_is_not_that_of_another(site: Node) -> None:
    given = vehicle()
    await site.ask(VEHICLE, Role.OFFICER, name="jan", input=given)
    await site.ask(VEHICLE, Role.OFFICER, name="ewa", input=given)
    assert len((await site.views.registrations(Window(limit=10))).items) == 2


async def test_person_by_the_machine_readable_zone(site: Node) -> None:
    registration = (await register_person(site, person(*MRZ)))["registration"]
    assert registration["label"] == "L898902C3"
    assert registration["failedChecks"] == []
    assert registration["traveller"] == {
        "surname": "ERIKSSON",
        "givenNames": "ANNA MARIA",
        "nationality": "UTO",
        "birthDate": "1974-08-12",
        "sex": "F",
    }


async def test_wrong_check_digit_is_told_and_may_be_confirmed(site: Node) -> None:
    refused = await register_person(site, person(MRZ[0], WRONG_CHECK))

    assert (refused["__typename"], refused["code"], refused["path"]) == ("InvalidInput", "CHECK_DIGITS_FAILED", ["mrz"])
    assert refused["facts"] == [
        {"name": "failed", "values": ["number", "composite"]},
        {"name": "correction", "values": []},
    ]
    assert (await site.views.registrations(Window(limit=10))).items == []

    taken = await register_person(site, person(MRZ[0], WRONG_CHECK, confirmFailedChecks=True))
    assert taken["registration"]["failedChecks"] == ["number", "composite"]


async def test_a_zone_misread_in_one_character_is_offered_whole(site: Node) -> None:
    refused = await register_person(site, person(MRZ[0], MRZ[1].replace("L898902C3", "L8989O2C3")))

    assert {"name": "correction", "values": list(MRZ)} in refused["facts"]


async def test_lines_that_are_no_zone_are_refused(site: Node) -> None:
    for lines in ((), ("",), ("P<UTO",), (*MRZ, MRZ[1]), ("ż" * 44, "ó" * 44), ("<" * 44,) * 2):
        answer = await register_person(site, person(*lines))
        assert answer["__typename"] == "InvalidInput"
        assert answer["code"] in {"MRZ_UNREADABLE", "DOCUMENT_NUMBER_UNREADABLE"}


async def test_check_that_failed_is_made_again(site: Node) -> None:
    site.changes.watchlist.readable = False
    registered = (await register(site, vehicle()))["registration"]
    assert registered["screening"]["outcome"] == "NOT_CHECKED"

    site.changes.watchlist.readable = True
    given = {"idempotencyKey": key(), "registrationId": registered["id"]}
    again = (await site.ask(AGAIN, Role.OFFICER, input=given))["registrationScreenAgain"]
    assert again["registration"]["screening"]["outcome"] == ScreeningOutcome.CHECKED.name


async def test_id_of_something_else_is_no_registration(site: Node) -> None:
    for id_, code in (("x", "ID_MALFORMED"), ("QWxhcm06MQ", "ID_MALFORMED"), ("", "ID_MALFORMED")):
        given = {"idempotencyKey": key(), "registrationId": id_}
        answer = (await site.ask(AGAIN, Role.OFFICER, input=given))["registrationScreenAgain"]
        assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, ["registrationId"])


async def test_who_did_what_and_why_is_on_audit(site: Node) -> None:
    registration = (await register(site, vehicle()))["registration"]
    await register(site, vehicle(plate=""))

    refused, done = (await site.views.audit_records(Window(limit=10))).items
    assert (done.who, done.action, done.purpose, done.outcome) == ("jan", "RegisterVehicle", "patrol", "done")
    assert registration["id"] not in done.target
    assert (refused.action, refused.outcome) == ("RegisterVehicle", "refused:PLATE_UNREADABLE")
