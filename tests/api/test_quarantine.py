from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from adapters.devices.formats import FORMATS
from adapters.memory.clock import START
from bus.pushes import parsing
from domain.registrations import quarantine
from domain.registrations.readings import Push, PushContent
from domain.shared.actors import Role
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Window
from tests.api.nodes import Node, key, memory_node, stream_push

LIST = """
query ($state: QuarantineState) {
  quarantine(state: $state) { edges { node { id device reason message size digest truncated state note contentType } } }
  thisNode { quarantineCount }
}
"""
ONE = "query ($id: ID!) { quarantinedPush(id: $id) { id device } }"
REPLAY = """
mutation ($input: QuarantineReplayInput!) {
  quarantineReplay(input: $input) {
    __typename
    ... on QuarantineReplaySuccess { readings { status registrationId late } }
    ... on Problem { code path }
  }
}
"""
ASIDE = """
mutation ($input: QuarantineSetAsideInput!) {
  quarantineSetAside(input: $input) {
    __typename
    ... on QuarantineSetAsideSuccess { quarantinedPush { state note } }
    ... on Problem { code path }
  }
}
"""


async def listed(site: Node, **variables: Any) -> tuple[list[Any], int]:
    data = await site.ask(LIST, Role.ADMINISTRATOR, purpose="", **variables)
    return [edge["node"] for edge in data["quarantine"]["edges"]], data["thisNode"]["quarantineCount"]


async def replay(site: Node, id_: str, idempotency_key: str = "") -> Any:
    given = {"idempotencyKey": idempotency_key or key(), "pushId": id_}
    return (await site.ask(REPLAY, Role.ADMINISTRATOR, input=given))["quarantineReplay"]


async def set_aside(site: Node, id_: str, reason: str) -> Any:
    given = {"idempotencyKey": key(), "pushId": id_, "reason": reason}
    return (await site.ask(ASIDE, Role.ADMINISTRATOR, input=given))["quarantineSetAside"]


async def test_pushes_are_listed_and_counted(site: Node) -> None:
    await site.enrol()
    await site.push(b"{")
    await site.push(b"[]", content_type="text/plain")

    pushes, count = await listed(site)

    assert count == 2
    assert [each["reason"] for each in pushes] == ["content_type", "malformed"]
    assert pushes[0]["contentType"] == "text/plain"
    assert (await site.ask(ONE, Role.ADMINISTRATOR, id=pushes[0]["id"]))["quarantinedPush"]["device"] == "cam-1"
    assert (await listed(site, state="REPLAYED"))[0] == []


async def test_push_that_can_be_read_now_is_taken(site: Node) -> None:
    """The format of the device was mended, or was enrolled wrongly."""
    await site.enrol(form="hikvision_isapi")
    await site.push(stream_push("WA12345", "LUB9988C", at=START.isoformat()))
    await site.enrol()
    pushes, _ = await listed(site)
    idempotency_key = key()

    answer = await replay(site, pushes[0]["id"], idempotency_key)

    assert [each["status"] for each in answer["readings"]] == ["registered", "registered"]
    assert len((await site.views.registrations(Window(limit=10))).items) == 2
    pushes, count = await listed(site)
    assert (pushes[0]["state"], count) == (QuarantineState.REPLAYED.name, 0)
    assert await replay(site, pushes[0]["id"], idempotency_key) == answer
    settled = await replay(site, pushes[0]["id"])
    assert (settled["__typename"], settled["code"]) == ("Conflict", "QUARANTINED_PUSH_SETTLED")


async def test_push_that_cannot_be_read_still_stays(site: Node) -> None:
    await site.enrol()
    await site.push(b"{")
    await site.push(stream_push("WA12345", "---"))
    pushes, _ = await listed(site)

    codes = [(await replay(site, each["id"]))["code"] for each in pushes]

    assert codes == ["PLATE_UNREADABLE", "PUSH_UNREADABLE"]
    assert (await listed(site))[1] == 2


async def test_push_of_a_format_nobody_knows_stays(site: Node) -> None:
    await site.enrol(form="not_yet_known")
    await site.push(b"{}")
    pushes, _ = await listed(site)
    assert (await replay(site, pushes[0]["id"]))["code"] == "FORMAT_UNKNOWN"


async def test_push_is_set_aside_for_a_reason(site: Node) -> None:
    await site.enrol()
    await site.push(b"{")
    ((push,), _) = await listed(site)

    assert (await set_aside(site, push["id"], " "))["code"] == "TEXT_MISSING"
    answer = await set_aside(site, push["id"], "test of the camera")
    assert answer["quarantinedPush"] == {"state": "SET_ASIDE", "note": "test of the camera"}
    assert (await set_aside(site, push["id"], "again"))["code"] == "QUARANTINED_PUSH_SETTLED"
    assert (await listed(site))[1] == 0


async def test_push_that_is_not_there(site: Node) -> None:
    nobody = "UXVhcmFudGluZWRQdXNoOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA"
    for answer in (await replay(site, nobody), await set_aside(site, nobody, "why")):
        assert (answer["__typename"], answer["code"]) == ("NotFound", "QUARANTINED_PUSH_UNKNOWN")
    assert (await site.ask(ONE, Role.ADMINISTRATOR, id=nobody))["quarantinedPush"] is None


TALLIES = """
query ($first: Int! = 50, $after: String) {
  quarantineTallies(first: $first, after: $after) {
    edges { node { device node held size fullSince refused } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ALARMS = "{ alarms { edges { node { source cause label repeats } } } }"


async def tallied(node: Node) -> list[Any]:
    data = await node.ask(TALLIES, Role.ADMINISTRATOR, purpose="")
    return [edge["node"] for edge in data["quarantineTallies"]["edges"]]


async def test_what_goes_beyond_the_budget_is_refused_and_counted(site: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "DEVICE_PUSHES_MAX", 2)
    await site.enrol()
    await site.enrol("cam-2")
    for body in (b"1", b"2"):
        assert (await site.push(body)).status_code == 422

    for body in (b"3", b"4", b"5"):
        response = await site.push(body)
        assert response.status_code == 507
        assert (response.headers["retry-after"], response.headers["connection"]) == ("300", "close")
        assert response.json() == {
            "status": "not_kept",
            "readings": [],
            "problem": {
                "code": "QUARANTINE_FULL",
                "message": "Quarantine has no more room for what this device sends; the push was not kept.",
            },
        }
    assert (await site.push(b"1")).status_code == 422, "it is held already"
    assert (await site.push(b"1", "cam-2")).status_code == 422, "another device has its own budget"

    assert await tallied(site) == [
        {"device": "cam-2", "node": "dorohusk", "held": 1, "size": "1", "fullSince": None, "refused": "0"},
        {
            "device": "cam-1",
            "node": "dorohusk",
            "held": 2,
            "size": "2",
            "fullSince": START.isoformat(),
            "refused": "3",
        },
    ]
    alarms = (await site.ask(ALARMS, Role.OFFICER))["alarms"]["edges"]
    assert [each["node"] for each in alarms] == [
        {"source": "FAULT", "cause": "quarantine:full", "label": "cam-1", "repeats": 0}
    ]


async def test_what_can_be_read_is_taken_however_full_quarantine_is(
    site: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "DEVICE_PUSHES_MAX", 0)
    await site.enrol()

    assert (await site.push(stream_push("LUB9988C"))).status_code == 200
    response = await site.push(stream_push("WA12345", "???"))
    assert (response.status_code, response.json()["status"]) == (507, "not_kept")
    assert [each["status"] for each in response.json()["readings"]] == ["registered"]
    assert len((await site.views.registrations(Window(limit=10))).items) == 2


async def test_centre_sees_what_its_sites_hold(site: Node, central: Node) -> None:
    await site.enrol()
    await site.push(b"{")
    await central.hear(site)

    assert [(each["device"], each["node"], each["held"], each["refused"]) for each in await tallied(central)] == [
        ("cam-1", "dorohusk", 1, None)
    ]


async def test_tallies_come_in_pages(site: Node) -> None:
    for code in ("cam-1", "cam-2"):
        await site.enrol(code)
        await site.push(b"{", code)

    page = (await site.ask(TALLIES, Role.ADMINISTRATOR, first=1))["quarantineTallies"]
    assert (page["edges"][0]["node"]["device"], page["pageInfo"]["hasNextPage"]) == ("cam-2", True)
    page = await site.ask(TALLIES, Role.ADMINISTRATOR, first=1, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["device"] for edge in page["quarantineTallies"]["edges"]] == ["cam-1"]


async def trail(site: Node) -> list[tuple[str, str, str, str, str]]:
    records = (await site.views.audit_records(Window(limit=100))).items
    return [(each.action, each.target, each.who, each.purpose, each.outcome) for each in reversed(records)]


async def test_every_replay_is_on_audit_the_refused_ones_too(site: Node) -> None:
    await site.enrol()
    await site.push(b"{")
    await site.push(stream_push("WA12345", "---"))
    nobody = "00000000-0000-7000-8000-000000000000"
    pushes, _ = await listed(site)
    for push in pushes:
        await replay(site, push["id"])
    await replay(site, "UXVhcmFudGluZWRQdXNoOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA")
    await site.enrol(form="hikvision_isapi")
    await replay(site, pushes[0]["id"])

    ids = [push.id for push in (await site.views.quarantine(Window(limit=10))).items]
    assert await trail(site) == [
        ("TakeReadings", ids[0], "jan", "patrol", "refused:PLATE_UNREADABLE"),
        ("TakeReadings", ids[1], "jan", "patrol", "refused:PUSH_UNREADABLE"),
        ("TakeReadings", nobody, "jan", "patrol", "refused:QUARANTINED_PUSH_UNKNOWN"),
        ("TakeReadings", ids[0], "jan", "patrol", "refused:PUSH_UNREADABLE"),
    ]


async def test_replay_needs_a_purpose(site: Node) -> None:
    given = {
        "idempotencyKey": key(),
        "pushId": "UXVhcmFudGluZWRQdXNoOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA",
    }
    assert await site.refused(REPLAY, Role.ADMINISTRATOR, purpose="", input=given) == ["PURPOSE_MISSING"]
    assert [each[4] for each in await trail(site)] == ["refused:PURPOSE_MISSING"]


class Faulty:
    """A format that was mended badly."""

    name = "faulty"

    def read(self, push: Push) -> PushContent:
        """Fail."""
        raise ZeroDivisionError(push.content_type)


async def test_fault_of_a_format_in_a_replay_is_a_problem(tmp_path: Path) -> None:
    site = memory_node(tmp_path, formats=MappingProxyType({**FORMATS, Faulty.name: Faulty()}))
    await site.enrol()
    await site.push(b"{")
    await site.enrol(form="faulty")
    ((push,), _) = await listed(site)

    answer = await replay(site, push["id"])

    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", "PUSH_UNREADABLE", ["pushId"])
    assert [each[4] for each in await trail(site)] == ["refused:PUSH_UNREADABLE"]
    assert (await listed(site))[1] == 1


async def test_what_is_too_large_to_be_read_is_too_large_in_a_replay(
    site: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "PARSED_BODY_MAX", 100)
    await site.enrol()
    await site.push(stream_push("WA12345"))
    ((push,), _) = await listed(site)
    assert (await replay(site, push["id"]))["code"] == "PUSH_UNREADABLE"

    monkeypatch.undo()
    assert [each["status"] for each in (await replay(site, push["id"]))["readings"]] == ["registered"]


async def test_push_of_a_withdrawn_device_can_still_be_taken(site: Node) -> None:
    await site.enrol(form="hikvision_isapi")
    await site.push(stream_push("WA12345"))
    await site.enrol(withdrawn_at=START)
    ((push,), _) = await listed(site)
    assert [each["status"] for each in (await replay(site, push["id"]))["readings"]] == ["registered"]
