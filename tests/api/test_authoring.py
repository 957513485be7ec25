from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.clock import START
from domain.organisation.model import digest
from domain.shared.actors import Role
from domain.shared.views import Window
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
ENROL = """
mutation ($input: DeviceEnrolInput!) {
  deviceEnrol(input: $input) {
    __typename
    ... on DeviceEnrolSuccess { key device { id code site lane format mergeWindowSeconds } }
    ... on Problem { code path facts { name values } }
  }
}
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


def camera(**fields: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": key(),
        "code": "cam-1",
        "site": "dorohusk",
        "lane": "lane-1",
        "checkpoint": "gate-1",
        "direction": "outbound",
        "format": "hikvision_isapi",
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


async def test_key_of_a_device_is_told_once_and_kept_nowhere(central: Node) -> None:
    given = camera()
    answer = (await central.ask(ENROL, Role.ADMINISTRATOR, input=given))["deviceEnrol"]

    assert len(urlsafe_b64decode(answer["key"] + "=")) == 32
    assert answer["device"]["mergeWindowSeconds"] == 10
    device = await central.views.device("cam-1")
    assert device is not None
    assert device.accepts(answer["key"])
    assert device.key_digest == digest(answer["key"])

    again = (await central.ask(ENROL, Role.ADMINISTRATOR, input=given))["deviceEnrol"]
    assert (again["__typename"], again["code"]) == ("Conflict", "KEY_REUSED")
    records = (await central.views.audit_records(Window(limit=10))).items
    assert answer["key"] not in repr(records)


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"code": "Cam 1"}, "CODE_MALFORMED", ["code"]),
        ({"site": ""}, "CODE_MALFORMED", ["site"]),
        ({"direction": "x"}, "DIRECTION_UNKNOWN", ["direction"]),
        ({"format": "morse"}, "FORMAT_UNKNOWN", ["format"]),
    ],
)
async def test_device_that_makes_no_sense(central: Node, fields: Any, code: str, path: list[str]) -> None:
    answer = (await central.ask(ENROL, Role.ADMINISTRATOR, input=camera(**fields)))["deviceEnrol"]
    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, path)


async def test_known_formats_are_told(central: Node) -> None:
    answer = (await central.ask(ENROL, Role.ADMINISTRATOR, input=camera(format="morse")))["deviceEnrol"]
    assert answer["facts"] == [{"name": "known", "values": ["hikvision_isapi", "plate_recognizer_stream"]}]


async def test_code_of_a_device_is_taken_once(central: Node) -> None:
    await central.ask(ENROL, Role.ADMINISTRATOR, input=camera())
    answer = (await central.ask(ENROL, Role.ADMINISTRATOR, input=camera()))["deviceEnrol"]
    assert (answer["__typename"], answer["code"]) == ("Conflict", "DEVICE_TAKEN")
