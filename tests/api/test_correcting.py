"""Correcting a registration over GraphQL."""

from typing import Any

from domain.shared.actors import Role
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated, EntryWithdrawn
from tests import samples
from tests.api.nodes import Node, key
from tests.api.test_registering import MRZ, WRONG_CHECK, person, register, register_person, vehicle

SAID = "label identifiers { canonical } traveller { surname } failedChecks"
CORRECT = f"""
mutation ($input: RegistrationCorrectInput!) {{
  registrationCorrect(input: $input) {{
    __typename
    ... on RegisterSuccess {{
      registration {{
        id label version identifiers {{ canonical }} traveller {{ surname }} screening {{ matches {{ title }} }}
        corrections {{ number by at reason before {{ {SAID} }} after {{ {SAID} }} met {{ title }} }}
      }}
    }}
    ... on Problem {{ code message path facts {{ name values }} }}
  }}
}}
"""
ALARMS = """{ alarms { edges { node {
  label state isMisread correction { number by reason after { label } } registrationId
} } } }"""
FOUND = '{ objectHistory(kind: "plate", value: "%s") { registrations { edges { node { id label } } } } }'
PARSED = '{ identifierParse(kind: "container", text: "%s") { corrections { canonical } } }'
CONTAINER = """mutation ($input: CargoUnitRegisterInput!) {
  cargoUnitRegister(input: $input) { ... on RegisterSuccess { registration { id label } } }
}"""


def wish(of: Any, **fields: Any) -> dict[str, Any]:
    return {"idempotencyKey": key(), "registrationId": of["id"], "seen": 0, "reason": "Brudna tablica"} | fields


async def correct(node: Node, given: dict[str, Any], name: str = "jan", **fields: Any) -> Any:
    return (await node.ask(CORRECT, Role.OFFICER, name=name, input=given, **fields))["registrationCorrect"]


async def test_a_misread_plate_is_corrected_and_told_with_what_it_was(site: Node) -> None:
    first = (await register(site, vehicle()))["registration"]
    given = wish(first, vehicle={"plate": "wa 12346", "country": "PL"})
    answer, again = await correct(site, given, "ewa"), await correct(site, given, "ewa")

    assert answer == again
    registration = answer["registration"]
    (told,) = registration["corrections"]
    assert (registration["label"], registration["version"]) == ("WA12346", 1)
    assert (told["number"], told["by"], told["reason"]) == (1, "ewa", "Brudna tablica")
    assert (told["before"]["label"], told["after"]["label"]) == ("WA12345", "WA12346")
    for plate in ("WA 12345", "WA 12346"):
        found = (await site.ask(FOUND % plate, Role.OFFICER))["objectHistory"]["registrations"]["edges"]
        assert [edge["node"] for edge in found] == [{"id": first["id"], "label": "WA12346"}]


async def test_an_alarm_that_rests_on_the_misreading_says_so_and_stays(site: Node) -> None:
    await site.record(EntryActivated(entry=samples.entry(("WA12345", "PL"))))
    first = (await register(site, vehicle()))["registration"]
    renamed = wish(first, vehicle={"plate": "WA 12345", "country": "PL", "vin": "WVWZZZ1KZAW123456"})
    await correct(site, renamed)
    (before,) = (await site.ask(ALARMS, Role.OFFICER))["alarms"]["edges"]
    assert (before["node"]["isMisread"], before["node"]["correction"]["number"]) == (False, 1)

    await site.record(EntryActivated(entry=samples.entry(("WA12346", "PL"))))
    answer = await correct(site, wish(first, seen=1, vehicle={"plate": "WA 12346", "country": "PL"}))
    assert answer["registration"]["corrections"][1]["met"] == [{"title": "Kradziony ciągnik"}]
    new, misread = [edge["node"] for edge in (await site.ask(ALARMS, Role.OFFICER))["alarms"]["edges"]]
    assert (misread["label"], misread["state"], misread["isMisread"]) == ("WA12345", "RAISED", True)
    assert misread["correction"] == {
        "number": 2,
        "by": "jan",
        "reason": "Brudna tablica",
        "after": {"label": "WA12346"},
    }
    assert (new["label"], new["isMisread"], new["registrationId"]) == ("WA12346", False, first["id"])


async def test_an_alarm_whose_entry_was_withdrawn_rests_on_no_misreading(site: Node) -> None:
    sought = samples.entry(("WA12345", "PL"))
    await site.record(EntryActivated(entry=sought))
    first = (await register(site, vehicle()))["registration"]
    withdrawn = EntryWithdrawn(
        entry_id=sought.id,
        scope=sought.scope,
        was_active=True,
        reason="odnaleziony",
        withdrawn_by="jan",
        withdrawn_at=samples.MORNING,
    )
    await site.record(withdrawn)
    await correct(site, wish(first, vehicle={"plate": "WA 12345", "country": "PL", "vin": "WVWZZZ1KZAW123456"}))

    (told,) = (await site.ask(ALARMS, Role.OFFICER))["alarms"]["edges"]
    assert (told["node"]["label"], told["node"]["isMisread"]) == ("WA12345", False)


async def test_offered_corrections_of_a_zone_and_of_a_code_are_taken(site: Node) -> None:
    await register_person(site, person(MRZ[0], WRONG_CHECK, confirmFailedChecks=True))
    (listed,) = (await site.ask("{ registrations { edges { node { id label } } } }", Role.OFFICER))["registrations"][
        "edges"
    ]
    misread = [MRZ[0], MRZ[1].replace("L898902C3", "L8989O2C3")]
    refused = await correct(site, wish(listed["node"], person={"mrz": misread}))
    assert (refused["code"], refused["path"]) == ("CHECK_DIGITS_FAILED", ["person", "mrz"])
    (offered,) = [fact["values"] for fact in refused["facts"] if fact["name"] == "correction"]
    taken = await correct(site, wish(listed["node"], person={"mrz": offered}))
    assert taken["registration"]["corrections"][0]["before"]["failedChecks"] == ["number", "composite"]
    assert taken["registration"]["corrections"][0]["after"]["failedChecks"] == []

    unit = {"idempotencyKey": key(), "lane": "lane-1", "direction": "inbound", "kind": "CONTAINER"}
    given = unit | {"code": "CSQU3O54383"}
    container = (await site.ask(CONTAINER, Role.OFFICER, input=given))["cargoUnitRegister"]["registration"]
    (code,) = (await site.ask(PARSED % container["label"], Role.OFFICER))["identifierParse"]["corrections"]
    answer = await correct(site, wish(container, cargoUnit={"kind": "CONTAINER", "code": code["canonical"]}))
    assert answer["registration"]["label"] == code["canonical"]


async def test_each_refusal_has_its_text_in_polish(site: Node) -> None:
    first = (await register(site, vehicle()))["registration"]
    right = {"vehicle": {"plate": "WA 12346", "country": "PL"}}
    by_hand = {"surname": "Nowak", "nationality": "POL", "sex": "K"}
    for given, typename, code, path, message in (
        ({}, "InvalidInput", "CORRECTION_UNFIT", [], "Podaj, co jest prawdą,"),
        (right | {"person": {"mrz": []}}, "InvalidInput", "CORRECTION_UNFIT", [], "Podaj, co jest prawdą,"),
        ({"person": {"byHand": by_hand}}, "InvalidInput", "CORRECTION_UNFIT", ["person", "byHand"], "Podaj,"),
        (right | {"seen": 1}, "Conflict", "REGISTRATION_CHANGED", ["seen"], "Ktoś inny poprawił"),
        (right | {"reason": ""}, "InvalidInput", "TEXT_MISSING", ["reason"], "Ten tekst"),
        ({"vehicle": {"plate": "-"}}, "InvalidInput", "PLATE_UNREADABLE", ["vehicle", "plate"], "Numer"),
        (
            {"vehicle": {"plate": "WA 12345", "country": "PL"}},
            "InvalidInput",
            "CORRECTION_SAYS_NOTHING_NEW",
            ["registrationId"],
            "Rejestracja mówi to",
        ),
    ):
        response = await site.post(
            CORRECT, Role.OFFICER, variables={"input": wish(first, **given)}, headers={"accept-language": "pl"}
        )
        answer = response.json()["data"]["registrationCorrect"]
        assert (answer["__typename"], answer["code"], answer["path"]) == (typename, code, path)
        assert answer["message"].startswith(message)


async def test_a_correction_is_on_audit_and_needs_an_officer_with_a_purpose(site: Node) -> None:
    first = (await register(site, vehicle()))["registration"]
    given = wish(first, vehicle={"plate": "WA 12346"})
    assert await site.refused(CORRECT, Role.ANALYST, input=given) == ["ROLE_MISSING"]
    assert await site.refused(CORRECT, Role.OFFICER, purpose="", input=given) == ["PURPOSE_MISSING"]
    await correct(site, given)
    record = (await site.views.audit_records(Window(limit=1))).items[0]
    assert (record.who, record.action, record.outcome) == ("jan", "CorrectRegistration", "done")
