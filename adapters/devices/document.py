"""The document of a push, its body or a part of a form, and what stands beside it in the form."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.devices.limits import MAX_DOCUMENT, MAX_PUSH, require_size
from adapters.devices.multipart import Part, parts
from domain.registrations.readings import Push, PushUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a push says, and the other parts of its form in order: pictures as a rule."""

    content: bytes
    beside: tuple[Part, ...]


def document(push: Push, *, media_types: frozenset[str], part: str, limit: int = MAX_DOCUMENT) -> Document:
    """Return the document of a push.

    Args:
        push: as received.
        media_types: under which the body itself is the document.
        part: the name, or the file name, of the document in a ``multipart/form-data`` form; in lower case. Of several
            the first counts. A form that is broken behind it is read as far as it goes: a picture that was cut off
            does not cost the reading.
        limit: of the document, in bytes.

    Raises:
        PushUnreadable: another content type, no such part, a push over 16 MiB or a document over the limit.
    """
    require_size(push.body, MAX_PUSH, "The push")
    found = _found(push, media_types, part)
    require_size(found.content, limit, "The document in the push")
    return found


def media_type(content_type: str) -> str:
    """Return the content type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def _found(push: Push, media_types: frozenset[str], part: str) -> Document:
    kind = media_type(push.content_type)
    if kind in media_types:
        return Document(content=push.body, beside=())
    if kind != "multipart/form-data":
        raise PushUnreadable("content_type", "This format does not come with such a content type.")
    beside: list[Part] = []
    form = parts(push.content_type, push.body)
    for each in form:
        if part in (each.name.lower(), each.filename.lower()):
            return Document(content=bytes(each.content), beside=(*beside, *_whole(form)))
        beside.append(each)
    raise PushUnreadable("missing_part", f"The form has no part {part}.")


def _whole(form: Iterator[Part]) -> Iterator[Part]:
    try:
        yield from form
    except PushUnreadable:
        return
