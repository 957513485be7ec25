"""The one document of a push: its body, or a part of a form that carries pictures beside it."""

from adapters.devices.multipart import parts
from domain.registrations.readings import Push, PushUnreadable

MAX_PUSH = 16 * 1024 * 1024
MAX_DOCUMENT = 512 * 1024


def document(push: Push, *, media_types: frozenset[str], part: str) -> bytes:
    """Return the document of a push.

    Args:
        push: as received.
        media_types: under which the body itself is the document.
        part: the name, or the file name, of the document in a ``multipart/form-data`` form; in lower case.

    Raises:
        PushUnreadable: another content type, no such part, a push over 16 MiB or a document over 512 KiB.
    """
    if len(push.body) > MAX_PUSH:
        raise PushUnreadable("too_large", f"The push is longer than {MAX_PUSH} bytes.")
    found = _found(push, media_types, part)
    if len(found) > MAX_DOCUMENT:
        raise PushUnreadable("too_large", f"The document in the push is longer than {MAX_DOCUMENT} bytes.")
    return bytes(found)


def _found(push: Push, media_types: frozenset[str], part: str) -> bytes | memoryview:
    media_type = push.content_type.partition(";")[0].strip().lower()
    if media_type in media_types:
        return push.body
    if media_type != "multipart/form-data":
        raise PushUnreadable("content_type", "This format does not come with such a content type.")
    for each in parts(push.content_type, push.body):
        if part in (each.name.lower(), each.filename.lower()):
            return each.content
    raise PushUnreadable("missing_part", f"The form has no part {part}.")
