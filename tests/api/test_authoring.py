from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.clock import START
from domain.shared.actors import Role
from tests.api.nodes import Node, key

ENTRY = (
    "entry { id title category priority scope state author approver validUntil criteria { identifier { canonical } } }"
)
CREATE = f"""
mutation ($input: WatchlistEntryCreateInput!) {{
  watchlistEntryCreate(input: $input) {{
    __typename ... on WatchlistEntrySuccess {{ {ENTRY} }} ... on Problem {{ code path }}
  }}
}}
"""
APPROVE = f"""
mutation ($input: WatchlistEntryApproveInput!) {{
  watchlistEntryApprove(input: $input) {{
    __typename ... on WatchlistEntrySuccess {{ {ENTRY} }} ... on Problem {{ code path message }}
  }}
}}
"""
WITHDRAW = f"""
mutation ($input: WatchlistEntryWithdrawInput!) {{
  watchlistEntryWithdraw(input: $input) {{
    __typename ... on WatchlistEntrySuccess {{ {ENTRY} }} ... on Problem {{ code path }}
  }}
}}
"""
NEXT_MONTH = (START + timedelta(days=30)).isoformat()


def wanted(**fields: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": key(),
        "title": "Stolen lorry",
        "category": "SEIZE",
        "priority": 1,
        "legalBasis": "art. 15",
        "instructions": "Stop it",
        "scope": "pl",
        "validUntil": NEXT_MONTH,
        "criteria": [{"kind": "plate", "value": "wa 12345", "country": "PL"}],
    } | fields


async def create(central: Node, **fields: Any) -> Any:
    return (await central.ask(CREATE, Role.ANALYST, name="anna", input=wanted(**fields)))["watchlistEntryCreate"]


async def approve(central: Node, entry: Any, name: str = "bogdan") -> Any:
    given = {"idempotencyKey": key(), "entryId": entry["id"]}
    return (await central.ask(APPROVE, Role.ANALYST, name=name, input=given))["watchlistEntryApprove"]


async def test_entry_is_created_by_one_and_approved_by_another(central: Node) -> None:
    submitted = (await create(central))["entry"]
    assert (submitted["state"], submitted["author"], submitted["approver"]) == ("SUBMITTED", "anna", "")
    assert submitted["criteria"] == [{"identifier": {"canonical": "WA12345"}}]

    refused = await approve(central, submitted, "anna")
    assert (refused["__typename"], refused["code"]) == ("Forbidden", "APPROVER_IS_AUTHOR")

    active = (await approve(central, submitted))["entry"]
    assert (active["state"], active["approver"]) == ("ACTIVE", "bogdan")
    assert (await approve(central, submitted))["code"] == "ENTRY_NOT_SUBMITTED"


async def test_entry_is_withdrawn_for_a_reason(central: Node) -> None:
    entry = (await create(central))["entry"]
    given = {"idempotencyKey": key(), "entryId": entry["id"], "reason": ""}
    assert (await central.ask(WITHDRAW, Role.ANALYST, input=given))["watchlistEntryWithdraw"]["code"] == "TEXT_MISSING"
    given |= {"idempotencyKey": key(), "reason": "Found"}
    answer = (await central.ask(WITHDRAW, Role.ANALYST, input=given))["watchlistEntryWithdraw"]
    assert answer["entry"]["state"] == "WITHDRAWN"


async def test_expired_entry_is_not_approved(central: Node) -> None:
    entry = (await create(central, validUntil=(START + timedelta(minutes=5)).isoformat()))["entry"]
    central.clock.step(timedelta(minutes=6))
    answer = await approve(central, entry)
    assert (answer["__typename"], answer["code"]) == ("Expired", "ENTRY_EXPIRED")


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"title": " "}, "TEXT_MISSING", ["title"]),
        ({"legalBasis": ""}, "TEXT_MISSING", ["legalBasis"]),
        ({"priority": 0}, "PRIORITY_OUT_OF_RANGE", ["priority"]),
        ({"scope": "PL"}, "SCOPE_MALFORMED", ["scope"]),
        ({"criteria": []}, "CRITERIA_MISSING", ["criteria"]),
        ({"criteria": [{"kind": "plate", "value": "x"}] * 21}, "CRITERIA_MISSING", ["criteria"]),
        ({"criteria": [{"kind": "face", "value": "x"}]}, "CRITERION_KIND_UNKNOWN", ["criteria", "0", "kind"]),
        ({"criteria": [{"kind": "plate", "value": "-"}]}, "CRITERION_UNREADABLE", ["criteria", "0", "value"]),
        ({"validUntil": START.isoformat()}, "VALIDITY_IN_PAST", ["validUntil"]),
        ({"validUntil": "2126-01-01T00:00:00Z"}, "VALIDITY_IN_PAST", ["validUntil"]),
        ({"validUntil": "2026-03-20T00:00:00"}, "TIME_MALFORMED", ["validUntil"]),
        ({"validUntil": "0001-01-01T00:00:00+14:00"}, "TIME_MALFORMED", ["validUntil"]),
        ({"validUntil": "9999-12-31T23:59:59-14:00"}, "TIME_MALFORMED", ["validUntil"]),
    ],
)
async def test_each_mistake_has_its_own_problem(central: Node, fields: Any, code: str, path: list[str]) -> None:
    answer = await create(central, **fields)
    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, path)


async def test_entry_that_is_not_there(central: Node) -> None:
    answer = await approve(central, {"id": "V2F0Y2hsaXN0RW50cnk6MDAwMDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw"})
    assert (answer["__typename"], answer["code"], answer["path"]) == ("NotFound", "ENTRY_UNKNOWN", ["entryId"])
