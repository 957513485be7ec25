"""Devices: put on the books, given other keys and withdrawn at the centre, and what their sites make of it."""

import asyncio
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest

from adapters.devices.formats import FORMATS
from domain.organisation.model import digest
from domain.shared.actors import Role
from domain.shared.views import Window
from tests.api.nodes import Node, following, key, memory_node, stream_push

ENROL = """
mutation ($input: DeviceEnrolInput!) {
  deviceEnrol(input: $input) {
    __typename
    ... on DeviceEnrolSuccess { key device { id code site lane format mergeWindowSeconds withdrawnAt } }
    ... on Problem { code path facts { name values } }
  }
}
"""
RENEW = """
mutation ($input: DeviceRenewKeyInput!) {
  deviceRenewKey(input: $input) {
    __typename
    ... on DeviceRenewKeySuccess { key device { id code } }
    ... on Problem { code path message }
  }
}
"""
WITHDRAW = """
mutation ($input: DeviceWithdrawInput!) {
  deviceWithdraw(input: $input) {
    __typename
    ... on DeviceWithdrawSuccess { device { code withdrawnAt } }
    ... on Problem { code path message }
  }
}
"""
ADJUST = """
mutation ($input: DeviceAdjustInput!) {
  deviceAdjust(input: $input) {
    __typename
    ... on DeviceAdjustSuccess { device { version silentAfterSeconds view directionWords { word direction } } }
    ... on Problem { code path }
  }
}
"""
NOBODY = "RGV2aWNlOmNhbS05"


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


async def enrol(central: Node, name: str = "jan", **fields: Any) -> Any:
    return (await central.ask(ENROL, Role.ADMINISTRATOR, name=name, input=camera(**fields)))["deviceEnrol"]


async def renew(central: Node, id_: str, idempotency_key: str = "", name: str = "jan") -> Any:
    given = {"idempotencyKey": idempotency_key or key(), "deviceId": id_}
    return (await central.ask(RENEW, Role.ADMINISTRATOR, name=name, input=given))["deviceRenewKey"]


async def withdraw(central: Node, id_: str, reason: str = "stolen", idempotency_key: str = "") -> Any:
    given = {"idempotencyKey": idempotency_key or key(), "deviceId": id_, "reason": reason}
    return (await central.ask(WITHDRAW, Role.ADMINISTRATOR, input=given))["deviceWithdraw"]


async def pushed(site: Node, device_key: str) -> int:
    return (await site.push(stream_push("WA12345"), authorization=f"Bearer {device_key}")).status_code


async def test_key_of_a_device_is_kept_nowhere(central: Node) -> None:
    answer = await enrol(central)

    assert len(urlsafe_b64decode(answer["key"] + "=")) == 32
    assert (answer["device"]["mergeWindowSeconds"], answer["device"]["withdrawnAt"]) == (10, None)
    device = await central.views.device("cam-1")
    assert device is not None
    assert device.accepts(answer["key"])
    assert device.key_digest == digest(answer["key"])
    assert answer["key"] not in repr(await central.views.audit_records(Window(limit=10)))
    assert answer["key"] not in repr(central.changes.tables.answers.all())
    assert answer["key"] not in repr(central.changes.tables.events.all())


async def test_enrolment_whose_answer_was_lost_is_answered_again_with_the_same_key(central: Node) -> None:
    once = key()
    first = await enrol(central, idempotencyKey=once)

    assert await enrol(central, idempotencyKey=once) == first
    outcomes = [each.outcome for each in (await central.views.audit_records(Window(limit=10), target="cam-1")).items]
    assert outcomes == ["answered_again", "done"]


async def test_key_is_told_again_by_the_same_centre_after_a_restart(tmp_path: Path) -> None:
    once = key()
    answers = [await enrol(memory_node(tmp_path, "central", "central"), idempotencyKey=once) for _ in range(2)]
    assert answers[0]["key"] == answers[1]["key"]


async def test_keys_differ_by_request_by_device_and_by_whoever_asks(tmp_path: Path) -> None:
    once = key()
    wishes: list[dict[str, str]] = [
        {"idempotencyKey": once},
        {"idempotencyKey": key()},
        {"idempotencyKey": once, "code": "cam-2"},
        {"idempotencyKey": once, "name": "anna"},
    ]
    keys = {(await enrol(memory_node(tmp_path, "central", "central"), **wish))["key"] for wish in wishes}
    (tmp_path / "elsewhere").mkdir()
    keys.add((await enrol(memory_node(tmp_path / "elsewhere", "central", "central"), idempotencyKey=once))["key"])
    assert len(keys) == 5


async def test_somebody_elses_request_tells_no_key(central: Node) -> None:
    once = key()
    await enrol(central, idempotencyKey=once)
    answer = await enrol(central, "anna", idempotencyKey=once)
    assert (answer["__typename"], answer["code"]) == ("Conflict", "DEVICE_TAKEN")


async def test_key_of_a_request_is_not_used_for_another_one(central: Node) -> None:
    once = key()
    first = await enrol(central, idempotencyKey=once)
    for answer in (
        await enrol(central, idempotencyKey=once, lane="lane-2"),
        await renew(central, first["device"]["id"], once),
    ):
        assert (answer["__typename"], answer["code"]) == ("Conflict", "KEY_REUSED")


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
    assert answer["facts"] == [{"name": "known", "values": sorted(FORMATS)}]


async def test_code_of_a_device_is_taken_once(central: Node) -> None:
    await central.ask(ENROL, Role.ADMINISTRATOR, input=camera())
    answer = (await central.ask(ENROL, Role.ADMINISTRATOR, input=camera()))["deviceEnrol"]
    assert (answer["__typename"], answer["code"]) == ("Conflict", "DEVICE_TAKEN")


async def test_another_key_takes_the_place_of_the_first(central: Node) -> None:
    first = await enrol(central)
    once = key()
    second = await renew(central, first["device"]["id"], once)

    assert await renew(central, first["device"]["id"], once) == second
    device = await central.views.device("cam-1")
    assert device is not None
    assert (device.accepts(first["key"]), device.accepts(second["key"])) == (False, True)
    records = (await central.views.audit_records(Window(limit=10), target="cam-1")).items
    assert [(each.action, each.outcome) for each in records] == [
        ("RenewDeviceKey", "answered_again"),
        ("RenewDeviceKey", "done"),
        ("EnrolDevice", "done"),
    ]


async def test_device_is_withdrawn_for_a_reason(central: Node) -> None:
    id_ = (await enrol(central))["device"]["id"]

    assert (await withdraw(central, id_, " "))["code"] == "TEXT_MISSING"
    once = key()
    answer = await withdraw(central, id_, idempotency_key=once)
    assert answer["device"] == {"code": "cam-1", "withdrawnAt": central.clock.now().isoformat()}
    assert await withdraw(central, id_, idempotency_key=once) == answer
    for refused in (await withdraw(central, id_), await renew(central, id_)):
        assert (refused["__typename"], refused["code"], refused["path"]) == (
            "Conflict",
            "DEVICE_WITHDRAWN",
            ["deviceId"],
        )
    assert (await enrol(central))["code"] == "DEVICE_TAKEN"
    records = (await central.views.audit_records(Window(limit=10), target="cam-1")).items
    assert {each.outcome for each in records if each.action == "WithdrawDevice"} == {
        "refused:TEXT_MISSING",
        "done",
        "answered_again",
        "refused:DEVICE_WITHDRAWN",
    }


async def test_device_that_is_not_there(central: Node) -> None:
    for answer in (await renew(central, NOBODY), await withdraw(central, NOBODY)):
        assert (answer["__typename"], answer["code"], answer["path"]) == ("NotFound", "DEVICE_UNKNOWN", ["deviceId"])
    assert (await renew(central, "junk"))["code"] == "ID_MALFORMED"


async def adjust(central: Node, id_: str, **fields: Any) -> Any:
    given = {"idempotencyKey": key(), "deviceId": id_} | fields
    return (await central.ask(ADJUST, Role.ADMINISTRATOR, input=given))["deviceAdjust"]


async def test_the_window_of_a_device_stays_until_another_is_said(central: Node) -> None:
    id_ = (await enrol(central))["device"]["id"]
    window = "query ($id: ID!) { device(id: $id) { mergeWindowSeconds } }"
    for fields, seconds in (({}, 10.0), ({"mergeWindowSeconds": 2.5}, 2.5), ({"silentAfterSeconds": 60.0}, 2.5)):
        await adjust(central, id_, **fields)
        assert (await central.ask(window, Role.ADMINISTRATOR, id=id_))["device"] == {"mergeWindowSeconds": seconds}
    assert (await adjust(central, id_, mergeWindowSeconds=1e300))["code"] == "MERGE_WINDOW_IMPOSSIBLE"


async def test_device_is_adjusted_all_at_once(central: Node) -> None:
    id_ = (await enrol(central))["device"]["id"]
    words = [{"word": "forward", "direction": "outbound"}, {"word": "reverse", "direction": "inbound"}]
    answer = await adjust(central, id_, silentAfterSeconds=300.0, view="REAR", directionWords=words)
    first = {"version": "2", "silentAfterSeconds": 300.0, "view": "REAR", "directionWords": words}
    assert answer["device"] == first
    refused = await adjust(central, id_, seen="1")
    assert (refused["__typename"], refused["code"], refused["path"]) == (
        "Conflict",
        "ORGANISATION_PART_CHANGED",
        ["seen"],
    )
    last = {"version": "3", "silentAfterSeconds": None, "view": None, "directionWords": []}
    assert (await adjust(central, id_, seen="2"))["device"] == last


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"silentAfterSeconds": -1e300}, "SILENCE_IMPOSSIBLE", ["silentAfterSeconds"]),
        ({"silentAfterSeconds": 1e300}, "SILENCE_IMPOSSIBLE", ["silentAfterSeconds"]),
        (
            {"directionWords": [{"word": "in", "direction": "inbound"}, {"word": "in", "direction": "outbound"}]},
            "DIRECTION_WORDS_MALFORMED",
            ["directionWords"],
        ),
        ({"directionWords": [{"word": "in", "direction": "up"}]}, "DIRECTION_UNKNOWN", ["direction"]),
    ],
)
async def test_adjustments_that_make_no_sense(central: Node, fields: Any, code: str, path: list[str]) -> None:
    id_ = (await enrol(central))["device"]["id"]
    answer = await adjust(central, id_, **fields)
    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, path)


async def test_site_hears_of_keys_and_withdrawal_without_a_restart(central: Node, site: Node) -> None:
    async with following(site):
        first = await enrol(central, format="plate_recognizer_stream")
        await heard(site, central)
        assert await pushed(site, first["key"]) == 200

        second = await renew(central, first["device"]["id"])
        assert await pushed(site, first["key"]) == 200
        await heard(site, central)
        assert await pushed(site, first["key"]) == 401
        assert await pushed(site, second["key"]) == 200

        await withdraw(central, first["device"]["id"])
        await heard(site, central)
        assert await pushed(site, second["key"]) == 401


async def heard(site: Node, central: Node) -> None:
    """Bring the site what the centre has recorded, and let those who watch know."""
    await asyncio.sleep(0)
    await site.hear(central)
    await asyncio.sleep(0)
