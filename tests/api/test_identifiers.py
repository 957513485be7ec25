"""Reading identifiers and machine-readable zones."""

from typing import Any

import pytest

from domain.shared.actors import Role
from tests.api.nodes import Node

PARSE = """
query ($kind: String!, $text: String!, $country: String) {
  identifierParse(kind: $kind, text: $text, country: $country) {
    identifier { kind raw canonical folded country check why }
    procedure
    corrections { canonical place was becomes lookAlike }
  }
}
"""
GUESS = "query ($text: String!) { identifierGuess(text: $text) { identifiers { kind canonical country check why } } }"
MRZ = """
query ($lines: [String!]!) {
  mrzRead(lines: $lines) {
    document {
      form documentKind issuer surname givenNames nationality birthDate birthPartial sex expiryDate optional
      failedChecks
      number { canonical country check }
    }
    correction { line place was becomes lines }
  }
}
"""
ZONE = [  # the specimen of ICAO Doc 9303, part 4
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
]


async def parsed(node: Node, kind: str, text: str, country: str | None = None) -> Any:
    return (await node.ask(PARSE, Role.OFFICER, kind=kind, text=text, country=country))["identifierParse"]


async def test_a_wagon_with_a_letter_for_a_digit(site: Node) -> None:
    assert await parsed(site, "wagon", "9I 85 4605 205-4 CH-BLSC") == {
        "identifier": {
            "kind": "wagon",
            "raw": "9I 85 4605 205-4 CH-BLSC",
            "canonical": "9I8546052054",
            "folded": "918546052054",
            "country": None,
            "check": "fails",
            "why": "characters",
        },
        "procedure": None,
        "corrections": [
            {"canonical": "918546052054", "place": 1, "was": "I", "becomes": "1", "lookAlike": True},
        ],
    }


async def test_a_plate_of_a_country(site: Node) -> None:
    answer = await parsed(site, "plate", "aa 1234 bb", "UKR")
    assert (answer["identifier"]["country"], answer["identifier"]["check"], answer["corrections"]) == (
        "UA",
        "holds",
        [],
    )


async def test_the_procedure_of_a_declaration(site: Node) -> None:
    assert (await parsed(site, "mrn", "22ITZXBZYUTJFLJXK6"))["procedure"] == "transit with exit summary"
    assert (await parsed(site, "document", "22ITZXBZYUTJFLJXK6"))["procedure"] is None


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("colour", "red", "IDENTIFIER_KIND_UNKNOWN"),
        ("wagon", "-", "IDENTIFIER_UNREADABLE"),
        ("plate", "-", "PLATE_UNREADABLE"),
        ("document", "1" * 33, "DOCUMENT_NUMBER_UNREADABLE"),
    ],
)
async def test_what_cannot_be_read_is_refused(site: Node, kind: str, text: str, code: str) -> None:
    assert await site.refused(PARSE, Role.OFFICER, kind=kind, text=text) == [code]


async def test_what_a_text_might_be(site: Node) -> None:
    found = (await site.ask(GUESS, Role.ANALYST, text="MSKU 601167-2"))["identifierGuess"]["identifiers"]
    assert found[0] == {
        "kind": "container",
        "canonical": "MSKU6011672",
        "country": None,
        "check": "holds",
        "why": "check_digit",
    }
    assert (await site.ask(GUESS, Role.OFFICER, text=""))["identifierGuess"]["identifiers"] == []


async def test_a_zone_in_full(site: Node) -> None:
    answer = (await site.ask(MRZ, Role.OFFICER, lines=ZONE))["mrzRead"]
    assert answer == {
        "document": {
            "form": "TD3",
            "documentKind": "P",
            "issuer": "UTO",
            "surname": "ERIKSSON",
            "givenNames": "ANNA MARIA",
            "nationality": "UTO",
            "birthDate": "1974-08-12",
            "birthPartial": None,
            "sex": "F",
            "expiryDate": "2012-04-15",
            "optional": "ZE184226B",
            "failedChecks": [],
            "number": {"canonical": "L898902C3", "country": "UTO", "check": "holds"},
        },
        "correction": None,
    }


async def test_the_one_misread_character_of_a_zone_is_offered(site: Node) -> None:
    answer = (await site.ask(MRZ, Role.OFFICER, lines=[ZONE[0], ZONE[1].replace("L898902", "L8989O2")]))["mrzRead"]
    assert (answer["document"]["number"]["canonical"], answer["document"]["number"]["check"]) == ("L8989O2C3", "fails")
    assert answer["document"]["failedChecks"] == ["number", "composite"]
    assert answer["correction"] == {"line": 1, "place": 5, "was": "O", "becomes": "0", "lines": ZONE}


async def test_what_is_no_zone_is_refused(site: Node) -> None:
    assert await site.refused(MRZ, Role.OFFICER, lines=["P<UTO"]) == ["MRZ_UNREADABLE"]


async def test_nobody_else_may_and_nothing_stands_on_audit(site: Node) -> None:
    assert await site.refused(GUESS, Role.AUDITOR, text="WA 12345") == ["ROLE_MISSING"]
    before = len(await trail(site))
    await site.ask(GUESS, Role.OFFICER, purpose="", text="WA 12345")
    assert len(await trail(site)) == before


async def trail(node: Node) -> Any:
    query = "{ auditRecords(first: 100) { edges { node { action target } } } }"
    records = (await node.ask(query, Role.AUDITOR))["auditRecords"]["edges"]
    assert all("12345" not in each["node"]["target"] for each in records)
    return [each for each in records if each["node"]["action"] != "auditRecords"]
