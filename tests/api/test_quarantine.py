from typing import Any

from adapters.memory.clock import START
from domain.crossings.model import QuarantineState
from domain.shared.actors import Role
from domain.shared.views import Window
from tests.api.nodes import Node, key, stream_push

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
