"""The document in a push."""

from collections.abc import Callable

import pytest

from adapters.devices.document import MAX_DOCUMENT, MAX_PUSH, document
from domain.registrations.readings import Push, PushUnreadable

XML = frozenset({"text/xml"})
Form = Callable[..., Push]


def read(push: Push) -> bytes:
    return document(push, media_types=XML, part="anpr.xml")


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


def test_a_form_without_the_part_is_refused(form: Form) -> None:
    assert reason(form(("name=json", b"{}"))) == "missing_part"


def test_what_is_too_large_is_refused(form: Form) -> None:
    assert reason(form(("name=anpr.xml", b"<a/>"), ("name=p", bytes(MAX_PUSH)))) == "too_large"
    assert reason(Push(content_type="text/xml", body=bytes(MAX_DOCUMENT + 1))) == "too_large"
    assert reason(form(("name=anpr.xml", bytes(MAX_DOCUMENT + 1)))) == "too_large"
    assert len(read(form(("name=p", bytes(MAX_DOCUMENT * 2)), ("name=anpr.xml", bytes(MAX_DOCUMENT))))) == MAX_DOCUMENT
