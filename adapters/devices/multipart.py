"""Multipart forms as devices push them: RFC 7578, read strictly, in linear time and without copying the pictures.

``python_multipart`` parses the parameters of the headers. Its parser of the body is not used: it steps through the
blanks after a delimiter one by one, so that 8 MiB of them take two seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header

from domain.registrations.readings import PushUnreadable

MAX_PARTS = 32
MAX_HEADERS = 2048
MAX_CONTENT_TYPE = 512
MAX_BOUNDARY = 70  # RFC 2046, section 5.1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One field of a form; ``filename`` is empty for what is not a file."""

    name: str
    filename: str
    content: memoryview


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """Yield the parts in order; what stands behind the last one taken is not looked at.

    Raises:
        PushUnreadable: no usable boundary, a part that is malformed or not closed, too many or too long headers,
            more than 32 parts.
    """
    delimiter = b"--" + _boundary(content_type)
    if not body.startswith(delimiter):
        raise PushUnreadable("malformed", "The form does not begin with its boundary.")
    separator = b"\r\n" + delimiter
    position = len(delimiter)
    for _ in range(MAX_PARTS):
        if body.startswith(b"--", position):
            return
        end = body.find(separator, position)
        if end < 0:
            raise PushUnreadable("malformed", "A part of the form is not closed by the boundary.")
        yield _part(body, position, end)
        position = end + len(separator)
    if not body.startswith(b"--", position):
        raise PushUnreadable("malformed", f"The form has more than {MAX_PARTS} parts.")


def _boundary(content_type: str) -> bytes:
    if len(content_type) > MAX_CONTENT_TYPE or not content_type.isascii():
        raise PushUnreadable("content_type", "The content type is too long or not ASCII.")
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 0 < len(boundary) <= MAX_BOUNDARY:
        raise PushUnreadable("content_type", f"The boundary of the form is not of 1 to {MAX_BOUNDARY} characters.")
    return boundary


def _part(body: bytes, start: int, end: int) -> Part:
    headers_end = body.find(b"\r\n\r\n", start, min(end, start + MAX_HEADERS))
    if headers_end < 0 or not body.startswith(b"\r\n", start):
        raise PushUnreadable("malformed", f"The headers of a part are malformed or longer than {MAX_HEADERS} bytes.")
    disposition = _disposition(body[start:headers_end])
    return Part(
        name=disposition.get(b"name", b"").decode(errors="replace"),
        filename=disposition.get(b"filename", b"").decode(errors="replace"),
        content=memoryview(body)[headers_end + 4 : end],
    )


def _disposition(headers: bytes) -> dict[bytes, bytes]:
    for header in headers.split(b"\r\n"):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-disposition":
            return parse_options_header(value)[1]
    raise PushUnreadable("malformed", "A part of the form has no Content-Disposition.")
