"""Occurrences over GraphQL."""

from pathlib import Path
from typing import Any

from domain.occurrences.model import OccurrenceKind
from domain.shared.actors import Role
from tests.api.nodes import Node, key, memory_node

RECORD = """
mutation ($input: OccurrenceRecordInput!) {
  occurrenceRecord(input: $input) {
    __typename
    ... on OccurrenceSuccess { occurrence { id kind text lane endedAt corrections } }
    ... on Problem { code path }
  }
}
"""
END = """
mutation ($input: OccurrenceEndInput!) {
  occurrenceEnd(input: $input) {
    __typename
    ... on OccurrenceSuccess { occurrence { endedAt } }
    ... on Problem { code path }
  }
}
"""
CORRECT = """
mutation ($input: OccurrenceCorrectInput!) {
  occurrenceCorrect(input: $input) {
    __typename
    ... on OccurrenceSuccess { occurrence { text corrections earlier { text correctedBy reason } } }
    ... on Problem { code path }
  }
}
"""
LIST = "{ occurrences(kind: CLOSURE, first: 5) { edges { node { id text } } } }"
GOES_ON = "query ($lasts: Boolean!) { occurrences(lasts: $lasts) { edges { node { id kind lasts } } } }"
ONE = "query ($id: ID!) { occurrence(id: $id) { text } node(id: $id) { __typename } }"


async def test_an_officer_puts_it_on_record_corrects_and_ends_it(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    wish: dict[str, Any] = {"idempotencyKey": key(), "kind": "CLOSURE", "text": "Zamknięte"}
    made = (await site.ask(RECORD, Role.OFFICER, input=wish))["occurrenceRecord"]["occurrence"]
    assert (made["kind"], made["text"], made["lane"], made["endedAt"]) == ("CLOSURE", "Zamknięte", "", None)

    of = {"idempotencyKey": key(), "occurrenceId": made["id"]}
    correction = of | {"text": "Otwarte", "at": "2020-01-01T00:00:00Z", "reason": "pomyłka"}
    corrected = (await site.ask(CORRECT, Role.OFFICER, input=correction))["occurrenceCorrect"]
    before = {"text": "Zamknięte", "correctedBy": "jan", "reason": "pomyłka"}
    assert corrected["occurrence"] == {"text": "Otwarte", "corrections": 1, "earlier": [before]}
    ended = (await site.ask(END, Role.OFFICER, input=of | {"idempotencyKey": key()}))["occurrenceEnd"]
    assert ended["occurrence"]["endedAt"] is not None

    found = await site.ask(LIST, Role.ANALYST)
    assert [edge["node"] for edge in found["occurrences"]["edges"]] == [{"id": made["id"], "text": "Otwarte"}]
    one = await site.ask(ONE, Role.ANALYST, id=made["id"])
    assert one == {"occurrence": {"text": "Otwarte"}, "node": {"__typename": "Occurrence"}}


async def test_every_kind_is_registered_and_what_lasts_is_found(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    for kind in OccurrenceKind:
        wish = {"idempotencyKey": key(), "kind": kind.name, "text": kind.value, "lane": "lane-1"}
        made = (await site.ask(RECORD, Role.OFFICER, input=wish))["occurrenceRecord"]["occurrence"]
        assert (made["kind"], made["text"], made["lane"]) == (kind.name, kind.value, "lane-1")
    (weather,) = [one for one in await going_on(site, lasts=True) if one["kind"] == "WEATHER"]
    assert [one["kind"] for one in await going_on(site, lasts=True)] == ["CLOSURE", "WEATHER"]
    assert len(await going_on(site, lasts=False)) == len(OccurrenceKind) - 2

    of = {"idempotencyKey": key(), "occurrenceId": weather["id"]}
    await site.ask(END, Role.OFFICER, input=of)
    assert [one["kind"] for one in await going_on(site, lasts=True)] == ["CLOSURE"]


async def going_on(site: Node, *, lasts: bool) -> list[dict[str, Any]]:
    found = (await site.ask(GOES_ON, Role.OFFICER, lasts=lasts))["occurrences"]["edges"]
    return [edge["node"] for edge in found]


async def test_a_time_without_an_offset_is_refused(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    wish = {"idempotencyKey": key(), "kind": "OTHER", "text": "x", "at": "2020-01-01T00:00:00"}
    answer = (await site.ask(RECORD, Role.OFFICER, input=wish))["occurrenceRecord"]
    assert answer == {"__typename": "InvalidInput", "code": "TIME_MALFORMED", "path": ["at"]}
