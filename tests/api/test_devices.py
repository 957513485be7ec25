import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from adapters.memory.clock import START
from api.ids import global_id
from bus.pushes import parsing
from bus.pushes.parsing import PARSED_BODY_MAX
from domain.registrations.measurements import Measurement
from domain.registrations.model import QuarantinedPush
from domain.registrations.quarantine import QUARANTINE_BODY_MAX
from domain.registrations.readings import Push, PushContent
from domain.shared.actors import Role
from domain.shared.errors import Unavailable
from domain.shared.views import Window
from tests.api.nodes import KEY, Node, following, key, memory_node, stream_push

PAYLOADS = Path(__file__).parents[1] / "data" / "devices"
REPLAY = """mutation Replay($input: QuarantineReplayInput!) {
  quarantineReplay(input: $input) { ... on Problem { code } }
}"""
YESTERDAY = (START - timedelta(days=1)).isoformat()


@pytest.fixture
async def post(site: Node) -> Node:
    """A site with a camera."""
    await site.enrol()
    return site


def replay_of(push_id: str) -> dict[str, str]:
    return {"idempotencyKey": key(), "pushId": global_id("QuarantinedPush", push_id)}


async def held(node: Node) -> list[QuarantinedPush]:
    return list((await node.views.quarantine(Window(limit=100))).items)


async def test_reading_becomes_a_registration(post: Node) -> None:
    response = await post.push(stream_push("WA 12345"))

    assert response.status_code == 200
    answer = response.json()
    (reading,) = answer["readings"]
    assert answer["status"] == reading["status"] == "registered"
    assert reading["late"] is False
    registration = await post.views.registration(reading["registrationId"])
    assert registration is not None
    assert (registration.label, registration.passage_id) == ("WA12345", reading["passageId"])
    assert (registration.source, registration.registered_by) == ("device", "cam-1")


async def test_readings_of_one_vehicle_merge(post: Node) -> None:
    first = (await post.push(stream_push("WA12345"))).json()
    post.clock.step()
    second = (await post.push(stream_push("WA1234S", camera="camera-2"))).json()

    assert second["status"] == "merged"
    assert second["readings"][0]["passageId"] == first["readings"][0]["passageId"]


async def test_all_readings_of_a_passage_tell_the_class_of_the_vehicle(post: Node) -> None:
    query = "{ registrations { edges { node { passage { vehicleType vehicleClass } } } } }"
    told = []
    for word, score in (("Van", 0.9), ("Sedan", 0.3), ("Bus", 0.5)):
        push = json.loads(stream_push("WA12345", camera=word, score=score))
        push["data"]["results"][0]["vehicle"] = {"type": word, "score": 0.9}
        await post.push(json.dumps(push).encode())
        (edge,) = (await post.ask(query, Role.OFFICER))["registrations"]["edges"]
        told.append(edge["node"]["passage"])

    assert [one["vehicleClass"] for one in told] == [None, "CAR", "BUS"]
    assert told[-1]["vehicleType"] == "Van"


async def test_what_is_no_object_is_on_record_too(post: Node) -> None:
    await post.enrol("portal-1", form="n42")
    file = (PAYLOADS / "n42_2006_passthrough.n42").read_bytes()
    answers = [(await post.push(file, code="portal-1", content_type="application/xml")).json() for _ in range(2)]

    assert [answer["status"] for answer in answers] == ["recorded", "recorded"]
    (measured,) = (await post.views.entities(Measurement, Window(limit=10))).items
    assert (measured.device, measured.registration_id) == ("portal-1", None)
    assert measured.radiation is not None


async def test_same_push_twice_is_one_reading(post: Node) -> None:
    push = stream_push("WA12345", at=START.isoformat())
    first, second = (await post.push(push)).json(), (await post.push(push)).json()

    assert second["status"] == second["readings"][0]["status"] == "duplicate"
    assert second["readings"][0]["registrationId"] == first["readings"][0]["registrationId"]
    assert len((await post.views.registrations(Window(limit=10))).items) == 1


async def test_push_from_yesterday_is_late(post: Node) -> None:
    answer = (await post.push(stream_push("WA12345", at=YESTERDAY))).json()
    assert answer["status"] == "registered"
    assert answer["readings"][0]["late"] is True


async def test_several_vehicles_in_one_push(post: Node) -> None:
    answer = (await post.push(stream_push("WA12345", "LUB9988C"))).json()
    assert [each["status"] for each in answer["readings"]] == ["registered", "registered"]


async def test_real_payloads_are_taken(site: Node) -> None:
    await site.enrol("cam-1")
    await site.enrol("cam-2", "hikvision_isapi", checkpoint="gate-2")
    stream = (PAYLOADS / "platerecognizer_stream_webhook_recognition.json").read_bytes()
    hikvision = (PAYLOADS / "hikvision_anpr_PECT600.xml").read_bytes()

    assert (await site.push(stream)).json()["status"] == "registered"
    assert (await site.push(hikvision, "cam-2", content_type="application/xml")).json()["status"] == "registered"


async def test_heartbeat_is_answered(post: Node) -> None:
    response = await post.push(stream_push())
    assert (response.status_code, response.json()) == (200, {"status": "heartbeat"})


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": f"Bearer {KEY}"}, ""),
        ({"authorization": f"bearer  {KEY}"}, ""),
        ({"authorization": "Basic " + base64.b64encode(f"admin:{KEY}".encode()).decode()}, ""),
        ({}, f"?key={KEY}"),
        ({}, f"?x=1&key={KEY}"),
    ],
)
async def test_key_may_come_in_three_ways(post: Node, headers: dict[str, str], query: str) -> None:
    async with post.http() as client:
        response = await client.post(
            f"/devices/cam-1/push{query}",
            content=stream_push("WA12345"),
            headers={"content-type": "application/json", **headers},
        )
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("code", "headers", "query"),
    [
        ("cam-1", {}, ""),
        ("cam-1", {"authorization": "Bearer wrong"}, ""),
        ("cam-1", {"authorization": "Bearer"}, ""),
        ("cam-1", {"authorization": "Basic !!!"}, ""),
        ("cam-1", {"authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()}, ""),
        ("cam-1", {"authorization": f"Digest {KEY}"}, ""),
        ("cam-1", {}, "?key=wrong"),
        ("cam-1", {}, "?" + "&".join(["a=1"] * 50) + f"&key={KEY}"),
        ("cam-2", {"authorization": f"Bearer {KEY}"}, ""),
        ("elsewhere", {"authorization": f"Bearer {KEY}"}, ""),
        ("%00", {"authorization": f"Bearer {KEY}"}, ""),
    ],
)
async def test_who_is_no_device_here_learns_nothing(post: Node, code: str, headers: dict[str, str], query: str) -> None:
    await post.enrol("elsewhere", site="koroszczyn")
    async with post.http() as client:
        response = await client.post(f"/devices/{code}/push{query}", content=b"junk", headers=headers)

    assert response.status_code == 401
    assert response.json() == {
        "status": "refused",
        "problem": {"code": "DEVICE_REFUSED", "message": "No device of this code and key may push here."},
    }
    assert await held(post) == []


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"{", "application/json", "malformed"),
        (b"", "application/json", "malformed"),
        (b"\xff\xfe\x00", "application/json", "malformed"),
        (b"[" * 100_000, "application/json", "too_large"),
        (b'{"data": 7}', "application/json", "malformed"),
        (b"{}", "application/json", "missing_field"),
        (stream_push("WA12345"), "text/plain", "content_type"),
        (stream_push("WA12345"), "", "content_type"),
        (stream_push("A" * 200), "application/json", "plate_unreadable"),
        (stream_push("---"), "application/json", "plate_unreadable"),
        (b'{"hook": {"event": "other"}, "data": {"results": []}}', "application/json", "unsupported_event"),
    ],
)
async def test_what_cannot_be_read_is_kept(post: Node, body: bytes, content_type: str, reason: str) -> None:
    response = await post.push(body, content_type=content_type)

    answer = response.json()
    assert response.status_code == 422
    assert answer["status"] == "quarantined"
    assert answer["readings"] == []
    assert answer["problem"]["code"] in {"PUSH_UNREADABLE", "PLATE_UNREADABLE"}
    (push,) = await held(post)
    assert (push.id, push.device, push.reason, push.size) == (answer["pushId"], "cam-1", reason, len(body))
    kept = await post.views.quarantined(push.id)
    assert kept is not None
    assert kept[1] == body


@pytest.mark.parametrize("body", [b"<a>", b"", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"\x00\x01", b"<a/>"])
async def test_malformed_xml_is_kept(site: Node, body: bytes) -> None:
    await site.enrol(form="hikvision_isapi")
    response = await site.push(body, content_type="application/xml")
    assert response.status_code == 422
    assert [push.size for push in await held(site)] == [len(body)]


async def test_readable_readings_of_a_push_are_taken_all_the_same(post: Node) -> None:
    response = await post.push(stream_push("WA12345", "?" * 5, "LUB9988C"))

    assert response.status_code == 422
    answer = response.json()
    assert answer["status"] == "quarantined"
    assert [each["status"] for each in answer["readings"]] == ["registered", "registered"]
    labels = {each.label for each in (await post.views.registrations(Window(limit=10))).items}
    assert labels == {"WA12345", "LUB9988C"}
    assert [push.reason for push in await held(post)] == ["plate_unreadable"]


async def test_what_one_part_of_a_stream_says_is_taken_whatever_another_is(site: Node) -> None:
    await site.enrol(form="hikvision_isapi")
    parts = (b"<EventNotificationAlert>", (PAYLOADS / "hikvision_anpr_38AAP084.xml").read_bytes())
    body = b"".join(b"--b\r\nContent-Type: application/xml\r\n\r\n" + part + b"\r\n" for part in parts) + b"--b--"

    answer = (await site.push(body, content_type="multipart/mixed; boundary=b")).json()

    assert (answer["status"], answer["problem"]["code"]) == ("quarantined", "PUSH_UNREADABLE")
    assert [each["status"] for each in answer["readings"]] == ["registered"]
    assert [(push.id, push.reason) for push in await held(site)] == [(answer["pushId"], "malformed")]
    replayed = await site.ask(REPLAY, Role.ADMINISTRATOR, input=replay_of(answer["pushId"]))
    assert replayed["quarantineReplay"]["code"] == "PUSH_UNREADABLE"
    assert [push.state for push in await held(site)] == ["held"]


async def test_20_megabytes_of_junk_are_kept_whole(post: Node) -> None:
    junk = bytes(range(256)) * (20 * 4096)
    response = await post.push(junk)

    assert response.status_code == 422
    (push,) = await held(post)
    assert (push.reason, push.size, push.truncated) == ("too_large", len(junk), False)
    kept = await post.views.quarantined(push.id)
    assert kept is not None
    assert kept[1] == junk


async def test_as_much_as_may_be_parsed_is_parsed(post: Node) -> None:
    form = "multipart/form-data; boundary=b"
    assert (await post.push(with_picture(PARSED_BODY_MAX), content_type=form)).json()["status"] == "registered"
    assert (await post.push(with_picture(PARSED_BODY_MAX + 1), content_type=form)).json()["status"] == "quarantined"


def with_picture(size: int) -> bytes:
    """Return a form of so many bytes that holds a reading and its picture."""
    reading = b'--b\r\nContent-Disposition: form-data; name="json"\r\n\r\n' + stream_push("WA12345")
    head = reading + b'\r\n--b\r\nContent-Disposition: form-data; name="upload"; filename="i.jpg"\r\n\r\n'
    tail = b"\r\n--b--\r\n"
    return head + b"x" * (size - len(head) - len(tail)) + tail


async def test_reading_stops_at_the_limit(post: Node) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * (1024 * 1024)

    async with post.http() as client:
        response = await client.post(
            "/devices/cam-1/push", content=endless(), headers={"authorization": f"Bearer {KEY}"}
        )

    assert response.status_code == 413
    assert response.headers["connection"] == "close"
    assert sent <= QUARANTINE_BODY_MAX // (1024 * 1024) + 2
    (push,) = await held(post)
    assert (push.reason, push.truncated) == ("too_large", True)
    kept = await post.views.quarantined(push.id)
    assert kept is not None
    assert len(kept[1]) == QUARANTINE_BODY_MAX


class Faulty:
    """A format with a bug."""

    name = "plate_recognizer_stream"

    def read(self, push: Push) -> PushContent:
        """Fail."""
        raise ZeroDivisionError(push.content_type)


async def test_fault_in_a_format_loses_nothing(tmp_path: Path) -> None:
    node = memory_node(tmp_path, formats=MappingProxyType({Faulty.name: Faulty()}))
    await node.enrol()
    response = await node.push(b"{}")
    assert response.status_code == 422
    assert "ZeroDivisionError" not in response.text
    assert [push.reason for push in await held(node)] == ["malformed"]


async def test_format_that_this_node_does_not_know_loses_nothing(post: Node) -> None:
    await post.enrol("cam-9", "not_yet_known")
    response = await post.push(stream_push("WA12345"), "cam-9")
    assert response.status_code == 422
    assert response.json()["problem"]["code"] == "FORMAT_UNKNOWN"
    assert [push.reason for push in await held(post)] == ["format_unknown"]


async def test_large_pushes_are_parsed_beside_the_event_loop(post: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "PARSED_AT_ONCE_MAX", 10)
    assert (await post.push(stream_push("WA12345"))).json()["status"] == "registered"
    assert (await post.push(b"{" * 20)).json()["status"] == "quarantined"


async def test_device_is_told_to_come_again_when_nothing_can_be_kept(tmp_path: Path) -> None:
    class Down:
        async def dispatch(self, *_: Any) -> None:
            raise Unavailable

    node = memory_node(tmp_path, dispatcher=Down())
    await node.enrol()
    for body in (stream_push("WA12345"), b"junk"):
        response = await node.push(body)
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
        assert response.json()["problem"]["code"] == "UNAVAILABLE"


async def test_device_is_told_to_come_again_while_nobody_can_look_up_who_it_is(
    post: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: str) -> None:
        raise Unavailable

    monkeypatch.setattr(post.views, "device", away)
    response = await post.push(stream_push("WA12345"))

    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["problem"]["code"] == "UNAVAILABLE"


async def test_only_sites_take_pushes(central: Node) -> None:
    await central.enrol()
    assert (await central.push(stream_push("WA12345"))).status_code == 404


async def test_push_is_posted(post: Node) -> None:
    async with post.http() as client:
        assert (await client.get("/devices/cam-1/push")).status_code == 405


async def test_newly_enrolled_key_counts_at_once(post: Node) -> None:
    async with following(post):
        await asyncio.sleep(0)
        assert (await post.push(stream_push("WA12345"))).status_code == 200
        await post.enrol(key_digest="00" * 32)
        await asyncio.sleep(0)
        assert (await post.push(stream_push("WA12345"))).status_code == 401


async def test_push_leaves_no_audit_record_and_no_key_in_the_log(
    post: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    async with post.http() as client:
        await client.post(f"/devices/cam-1/push?key={KEY}", content=b"junk")
    printed = capsys.readouterr()
    assert "push_quarantined" in printed.out
    assert KEY not in printed.out + printed.err
    assert (await post.views.audit_records(Window(limit=10))).items == []
