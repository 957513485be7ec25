"""Multipart forms."""

from collections.abc import Callable

import pytest

from adapters.devices.multipart import Part, parts
from domain.registrations.readings import Push, PushUnreadable

TYPE = "multipart/form-data; boundary=b"
HEAD = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n"
LENGTH = b"--b\r\nContent-Length: %s\r\n\r\n"
Form = Callable[..., Push]


def refusal(content_type: str, body: bytes) -> PushUnreadable:
    with pytest.raises(PushUnreadable) as refused:
        list(parts(content_type, body))
    return refused.value


def test_fields_and_files_are_read_in_order(form: Form) -> None:
    picture = b"\xff\xd8\r\n--\r\n\r\n\x00"
    push = form(('name="json"', b"{}"), ('name="upload"; filename="a.jpg"', picture), ("name=empty", b""))
    assert [(part.name, part.filename, bytes(part.content)) for part in parts(push.content_type, push.body)] == [
        ("json", "", b"{}"),
        ("upload", "a.jpg", picture),
        ("empty", "", b""),
    ]


def test_the_boundary_may_be_quoted_and_headers_of_any_case() -> None:
    body = b"--a b\r\nContent-Type: text/xml\r\ncontent-disposition:form-data;name=x\r\n\r\n1\r\n--a b--"
    [part] = parts('Multipart/Form-Data; charset=utf-8; boundary="a b"', body)
    assert (part.name, bytes(part.content)) == ("x", b"1")


def test_a_piece_of_a_stream() -> None:
    body = b"\r\n--b\r\nContent-Type: Text/XML; charset=x\r\n\r\n<a/>\r\n--b\r\n\r\n1\r\n" + LENGTH % b"2" + b"12\r\n"
    found = [(part.media_type, part.name, bytes(part.content)) for part in parts("multipart/mixed; boundary=b", body)]
    assert found == [("text/xml", "", b"<a/>"), ("", "", b"1"), ("", "", b"12")]


def test_a_form_without_parts() -> None:
    assert list(parts(TYPE, b"--b--\r\n")) == []


def test_a_name_that_is_not_utf8_is_still_a_name() -> None:
    [part] = parts(TYPE, HEAD.replace(b"name=x", b'name="\xff"') + b"1\r\n--b--")
    assert part == Part(name="\ufffd", filename="", media_type="", content=part.content)


def test_what_was_taken_stands_though_the_rest_is_cut_off() -> None:
    form = parts(TYPE, HEAD + b"1\r\n" + HEAD + b"2\r\n--")
    assert bytes(next(form).content) == b"1"
    with pytest.raises(PushUnreadable, match="not closed"):
        next(form)


@pytest.mark.parametrize("length", [b"", b"Content-Length: 9\r\n"])
def test_a_picture_that_is_cut_off_is_left_out(length: bytes) -> None:
    [part] = parts(TYPE, HEAD + b"1\r\n--b\r\nContent-Type: image/jpeg\r\n" + length + b"\r\n\xff\xd8")
    assert bytes(part.content) == b"1"


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        f"multipart/form-data; boundary={'b' * 71}",
        f"multipart/form-data; {'x=y; ' * 200}boundary=b",
        "multipart/form-data; boundary=b\u0107",
        "multipart/form-data; boundary*=utf-8''b",
        "\ud800",
    ],
)
def test_a_boundary_is_needed(content_type: str) -> None:
    assert refusal(content_type, HEAD + b"1\r\n--b--").reason == "content_type"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"b",
        b"\r\n\r\n" + HEAD + b"1\r\n--b--",
        b"--b",
        HEAD,
        HEAD + b"1\r\n--b",
        HEAD + b"1",
        HEAD + b"1--b--",
        HEAD.replace(b"\r\n", b"\n") + b"1\n--b--",
        HEAD.replace(b"--b\r\n", b"--b \r\n") + b"1\r\n--b--",
        HEAD.replace(b"--b\r\n", b"--bb\r\n") + b"1\r\n--b--",
        LENGTH % b"2" + b"1",
        LENGTH % b"-1" + b"1",
        LENGTH % b"9999999999" + b"1",
        LENGTH % "²".encode() + b"123",
        HEAD.replace(b"name=x", b"name=" + b"x" * 2048) + b"1\r\n--b--",
        HEAD.replace(b"\r\n\r\n", b"\r\nA: b" * 500 + b"\r\n\r\n") + b"1\r\n--b--",
    ],
)
def test_a_malformed_form_is_refused(body: bytes) -> None:
    assert refusal(TYPE, body).reason == "malformed"


def test_sixty_four_parts_are_the_most(form: Form) -> None:
    most = form(*[("name=x", b"1")] * 64)
    assert len(list(parts(most.content_type, most.body))) == 64
    more = form(*[("name=x", b"1")] * 65)
    assert "more than 64" in refusal(more.content_type, more.body).message
