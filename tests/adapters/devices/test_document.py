"""The document in a push."""

from collections.abc import Callable

import pytest

from adapters.devices.document import document, media_type
from adapters.devices.limits import MAX_DOCUMENT, MAX_PUSH
from domain.registrations.readings import Push, PushUnreadable

XML = frozenset({"text/xml"})
Form = Callable[..., Push]


def read(push: Push, limit: int = MAX_DOCUMENT) -> bytes:
    return document(push, media_types=XML, part="anpr.xml", limit=limit).content


def reason(push: Push) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(push)
    assert refused.value.code == "PUSH_UNREADABLE"
    assert refused.value.facts == {"reason": refused.value.reason}
    return refused.value.reason


@pytest.mark.parametrize("content_type", ["text/xml", 'Text/XML; charset="UTF-8"', " text/xml ;x"])
def test_the_body_itself(content_type: str) -> None:
    assert read(Push(content_type=content_type, body=b"<a/>")) == b"<a/>"


@pytest.mark.parametrize("name", ['name="anpr.xml"', 'name="x"; filename="anpr.xml"', "name=ANPR.XML"])
def test_a_part_by_its_name_or_file_name(form: Form, name: str) -> None:
    assert read(form(("name=picture", b"\xff"), (name, b"<a/>"), (name, b"<b/>"))) == b"<a/>"


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "text/xmls", "application/json", "multipart/mixed; boundary=b"]
)
def test_other_content_types_are_refused(content_type: str) -> None:
    assert reason(Push(content_type=content_type, body=b"<a/>")) == "content_type"


def test_what_stands_beside_it_in_the_form(form: Form) -> None:
    push = form(("name=p; filename=1.jpg", b"1"), ("name=anpr.xml", b"<a/>"), ("name=q", b"2"), ("name=r", b"3"))
    found = document(push, media_types=XML, part="anpr.xml")
    assert [(each.name, each.filename, bytes(each.content)) for each in found.beside] == [
        ("p", "1.jpg", b"1"),
        ("q", "", b"2"),
        ("r", "", b"3"),
    ]
    assert document(Push(content_type="text/xml", body=b"<a/>"), media_types=XML, part="anpr.xml").beside == ()


def test_a_form_that_is_cut_off_behind_the_document_is_read_as_far_as_it_goes(form: Form) -> None:
    push = form(("name=anpr.xml", b"<a/>"), ("name=p", b"1"), ("name=q", b"22"))
    cut = Push(content_type=push.content_type, body=push.body[: push.body.index(b"22") + 1])
    found = document(cut, media_types=XML, part="anpr.xml")
    assert (found.content, [each.name for each in found.beside]) == (b"<a/>", ["p"])


def test_the_media_type() -> None:
    assert media_type(" Multipart/Mixed ; boundary=B") == "multipart/mixed"


def test_a_format_may_allow_another_length(form: Form) -> None:
    assert len(read(Push(content_type="text/xml", body=bytes(MAX_DOCUMENT * 2)), MAX_DOCUMENT * 2)) == MAX_DOCUMENT * 2
    with pytest.raises(PushUnreadable, match="longer than 4 bytes"):
        read(form(("name=anpr.xml", b"<a />")), 4)


def test_a_form_without_the_part_is_refused(form: Form) -> None:
    assert reason(form(("name=json", b"{}"))) == "missing_part"


def test_what_is_too_large_is_refused(form: Form) -> None:
    assert reason(form(("name=anpr.xml", b"<a/>"), ("name=p", bytes(MAX_PUSH)))) == "too_large"
    assert reason(Push(content_type="text/xml", body=bytes(MAX_DOCUMENT + 1))) == "too_large"
    assert reason(form(("name=anpr.xml", bytes(MAX_DOCUMENT + 1)))) == "too_large"
    assert len(read(form(("name=p", bytes(MAX_DOCUMENT * 2)), ("name=anpr.xml", bytes(MAX_DOCUMENT))))) == MAX_DOCUMENT
