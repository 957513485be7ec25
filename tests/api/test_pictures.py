"""Pictures of readings: kept when they come, shown to those who may look, gone when they must."""

import hashlib
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from PIL import Image

from adapters.devices.formats import FORMATS
from api.ids import global_id
from domain.registrations.readings import Picture, Push, PushContent, PushUnreadable
from domain.shared.actors import Role
from domain.shared.views import Window
from tests.api.nodes import Node, key, memory_node, stream_push


def jpeg(colour: str = "red", size: tuple[int, int] = (640, 480)) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG")
    return written.getvalue()


class Picturing:
    """Reads as Plate Recognizer's Stream does; the pictures are its own."""

    name = "picturing"
    pictures: tuple[bytes, ...] = (jpeg(),)

    def read(self, push: Push) -> PushContent:
        content = FORMATS["plate_recognizer_stream"].read(push)
        shown = tuple(Picture(shows="vehicle", content=one) for one in self.pictures)
        return PushContent(seen=content.seen, pictures=shown)


@pytest.fixture
async def site(tmp_path: Path) -> Node:
    return await picturing(tmp_path)


async def picturing(folder: Path, **fields: Any) -> Node:
    form = Picturing()
    for name, value in fields.items():
        setattr(form, name, value)
    node = memory_node(folder, formats=MappingProxyType({form.name: form}))
    await node.enrol(form=form.name)
    return node


async def pictured(node: Node) -> list[tuple[str, str]]:
    """Return reading and hash of each picture on record."""
    (registration, *_) = (await node.views.registrations(Window(limit=10))).items
    return [
        (global_id("Reading", reading.id), picture.hash)
        for reading in await node.views.readings([registration.id])
        for picture in reading.pictures
    ]


async def look(node: Node, path: str, *roles: Role, purpose: str = "patrol") -> httpx.Response:
    headers = {"authorization": f"Bearer {node.token(*roles)}"} if roles else {}
    async with node.http() as client:
        return await client.get(path, headers=headers | ({"x-purpose": purpose} if purpose else {}))


async def test_a_picture_is_kept_with_its_reading_and_shown(site: Node) -> None:
    await site.push(stream_push("WA12345", "LUB9988C"))
    answer = await site.ask(
        "{ registrations { edges { node { readings { pictures { hash size mediaType shows path } } } } } }",
        Role.OFFICER,
    )
    first, second = (edge["node"]["readings"][0]["pictures"] for edge in answer["registrations"]["edges"])
    assert first[0] | {"path": ""} == second[0] | {"path": ""}
    assert (first[0]["hash"], first[0]["size"]) == (hashlib.sha256(jpeg()).hexdigest(), len(jpeg()))
    assert (first[0]["mediaType"], first[0]["shows"]) == ("image/jpeg", "vehicle")

    response = await look(site, first[0]["path"], Role.OFFICER)
    assert (response.status_code, response.content) == (200, jpeg())
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_thumbnail_is_small_and_made_once(site: Node) -> None:
    await site.push(stream_push("WA12345"))
    ((reading, picture),) = await pictured(site)
    first, again = [await look(site, f"/pictures/{reading}/{picture}/thumbnail", Role.ANALYST) for _ in range(2)]
    assert first.content == again.content
    assert first.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(first.content)).size == (320, 240)


async def test_each_look_is_on_audit(site: Node) -> None:
    await site.push(stream_push("WA12345"))
    ((reading, picture),) = await pictured(site)
    await look(site, f"/pictures/{reading}/{picture}", Role.OFFICER, purpose="a case")
    await look(site, f"/pictures/{reading}/{picture}", Role.AUDITOR, purpose="a case")
    trail = (await site.views.audit_records(Window(limit=10))).items
    assert [(one.action, one.purpose, one.outcome) for one in trail] == [
        ("picture", "a case", "refused:ROLE_MISSING"),
        ("picture", "a case", "consulted"),
    ]
    assert global_id("Reading", trail[0].target) == reading


@pytest.mark.parametrize(
    ("roles", "purpose", "status", "code"),
    [
        ((), "patrol", 401, "UNAUTHENTICATED"),
        ((Role.OFFICER,), "", 400, "PURPOSE_MISSING"),
        ((Role.AUDITOR,), "patrol", 403, "ROLE_MISSING"),
        ((Role.ADMINISTRATOR,), "patrol", 403, "ROLE_MISSING"),
    ],
)
async def test_a_picture_is_personal(site: Node, roles: tuple[Role, ...], purpose: str, status: int, code: str) -> None:
    await site.push(stream_push("WA12345"))
    ((reading, picture),) = await pictured(site)
    for more in ("", "/thumbnail"):
        response = await look(site, f"/pictures/{reading}/{picture}{more}", *roles, purpose=purpose)
        assert (response.status_code, response.json()["problem"]["code"]) == (status, code)


async def test_what_is_not_there_is_not_told_apart(site: Node) -> None:
    await site.push(stream_push("WA12345"))
    ((reading, picture),) = await pictured(site)
    other = global_id("Reading", "01950000-0000-7000-8000-000000000000")
    answers = [
        await look(site, path, Role.OFFICER)
        for path in (
            f"/pictures/{reading}/{'0' * 64}",
            f"/pictures/{other}/{picture}",
            f"/pictures/{reading}/..",
            f"/pictures/{reading}/{picture}%0a",
            f"/pictures/{reading}/{picture.upper()}",
        )
    ]
    assert {one.status_code for one in answers} == {404}
    assert {one.json()["problem"]["code"] for one in answers} <= {"PICTURE_UNKNOWN", "HTTP_404"}


async def test_another_node_names_the_site(site: Node, central: Node) -> None:
    await site.push(stream_push("WA12345"))
    ((reading, picture),) = await pictured(site)
    await central.hear(site)
    response = await look(central, f"/pictures/{reading}/{picture}", Role.OFFICER)
    assert response.status_code == 421
    assert response.json()["problem"] == {
        "code": "NOT_HERE",
        "message": "The node dorohusk decides this.",
        "node": "dorohusk",
    }


async def test_what_is_no_picture_costs_nothing_but_itself(tmp_path: Path) -> None:
    site = await picturing(tmp_path, pictures=(b"<svg/>", b"\x00\x00\x00\x18ftypheic", jpeg("blue")))
    assert (await site.push(stream_push("WA12345"))).json()["status"] == "registered"
    assert [picture for _, picture in await pictured(site)] == [hashlib.sha256(jpeg("blue")).hexdigest()]


async def test_pictures_of_a_push_that_is_read_again_are_kept(tmp_path: Path) -> None:
    site = await picturing(tmp_path)
    form = site.doors.formats["picturing"]
    with pytest.MonkeyPatch.context() as patch:

        def unreadable(_: Push) -> PushContent:
            raise PushUnreadable("malformed")

        patch.setattr(form, "read", unreadable)
        push_id = (await site.push(stream_push("WA12345"))).json()["pushId"]
    wish = {"idempotencyKey": key(), "pushId": global_id("QuarantinedPush", push_id)}
    replay = """mutation Replay($input: QuarantineReplayInput!) {
      quarantineReplay(input: $input) { ... on QuarantineReplaySuccess { readings { status } } }
    }"""
    answer = await site.ask(replay, Role.ADMINISTRATOR, input=wish)
    assert answer["quarantineReplay"]["readings"] == [{"status": "registered"}]
    ((reading, picture),) = await pictured(site)
    assert (await look(site, f"/pictures/{reading}/{picture}", Role.OFFICER)).status_code == 200
