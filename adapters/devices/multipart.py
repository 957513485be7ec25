"""Multipart forms and streams as devices push them: RFC 2046, in linear time and without copying the pictures.

``python_multipart`` parses the parameters of the headers. Its parser of the body is not used: it steps through the
blanks after a delimiter one by one, so that 8 MiB of them take two seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header

from domain.registrations.readings import PushUnreadable

MAX_PARTS = 64
MAX_HEADERS = 2048
MAX_CONTENT_TYPE = 512
MAX_BOUNDARY = 70  # RFC 2046, section 5.1.1
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a form or a stream; what its headers do not tell is empty. ``media_type`` is in lower case."""

    name: str
    filename: str
    media_type: str
    content: memoryview


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """Yield the parts in order; what stands behind the last one taken is not looked at.

    A last part that no boundary closes, as in a piece of a stream, is whole when its ``Content-Length`` says so. One
    that is not whole is refused; a picture is left out.

    Raises:
        PushUnreadable: no usable boundary, a part that is malformed or not closed, too many or too long headers,
            more than 64 parts.
    """
    delimiter = _delimiter(_boundary(content_type), body)
    position = _behind_first(delimiter, body)
    separator = b"\r\n" + delimiter
    for _ in range(MAX_PARTS):
        if body.startswith(b"--", position):
            return
        end = body.find(separator, position)
        part = _part(body, position, end)
        if part is not None:
            yield part
        if end < 0:
            return
        position = end + len(separator)
    if not body.startswith(b"--", position):
        raise PushUnreadable("malformed", f"The form has more than {MAX_PARTS} parts.")


def _delimiter(boundary: bytes, body: bytes) -> bytes:
    """Return what stands between the parts; some senders declare it with the dashes that come before the boundary."""
    declares_dashes = boundary.startswith(b"--") and not body.startswith((b"--" + boundary, b"\r\n--" + boundary))
    return boundary if declares_dashes else b"--" + boundary


def _behind_first(delimiter: bytes, body: bytes) -> int:
    start = 2 if body.startswith(b"\r\n") else 0  # the piece of a stream that follows another
    if not body.startswith(delimiter, start):
        raise PushUnreadable("malformed", "The form does not begin with its boundary.")
    return start + len(delimiter)


def _boundary(content_type: str) -> bytes:
    if len(content_type) > MAX_CONTENT_TYPE or not content_type.isascii():
        raise PushUnreadable("content_type", "The content type is too long or not ASCII.")
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 0 < len(boundary) <= MAX_BOUNDARY:
        raise PushUnreadable("content_type", f"The boundary of the form is not of 1 to {MAX_BOUNDARY} characters.")
    return boundary


def _part(body: bytes, start: int, end: int) -> Part | None:
    """Return the part from ``start`` to ``end``, or to the end of the body; None for a picture that was cut off."""
    last = end if end >= 0 else len(body)
    headers_end = body.find(b"\r\n\r\n", start, min(last, start + MAX_HEADERS))
    if headers_end < 0 or not body.startswith(b"\r\n", start):
        raise PushUnreadable("malformed", f"The headers of a part are malformed or longer than {MAX_HEADERS} bytes.")
    headers = _headers(body[start:headers_end])
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode(errors="replace")
    begin = headers_end + 4
    length = end - begin if end >= 0 else _length(headers, last - begin)
    if length is None and media_type.startswith("image/"):
        return None
    if length is None:
        raise PushUnreadable("malformed", "A part of the form is not closed by the boundary.")
    disposition = parse_options_header(headers.get(b"content-disposition", b""))[1]
    return Part(
        name=disposition.get(b"name", b"").decode(errors="replace"),
        filename=disposition.get(b"filename", b"").decode(errors="replace"),
        media_type=media_type,
        content=memoryview(body)[begin : begin + length],
    )


def _headers(lines: bytes) -> dict[bytes, bytes]:
    named = (line.partition(b":") for line in lines.split(b"\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in named}


def _length(headers: dict[bytes, bytes], at_hand: int) -> int | None:
    """Return the length that the headers tell; None when they do not, or when less is at hand."""
    declared = headers.get(b"content-length", b"")
    is_whole = declared.isdigit() and len(declared) <= MAX_DIGITS and int(declared) <= at_hand
    return int(declared) if is_whole else None
