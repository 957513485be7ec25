"""Global ids and cursors: opaque to the caller, checked before anything is looked up."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from api.refusals import CursorMalformed, IdMalformed
from domain.shared.texts import is_code

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NAMED_BY_CODE = frozenset({"Device", "Unit", "Post", "Site"})
_LONGEST = 200


def global_id(kind: str, local: str) -> str:
    """Return the global id of the object of type ``kind`` that its module calls ``local``."""
    return _opaque(f"{kind}:{local}")


def parted(value: str, path: str = "id") -> tuple[str, str]:
    """Return type and local id of a global id.

    Raises:
        IdMalformed: it is none; ``path`` names the field that held it.
    """
    kind, _, local = (_plain(value) or "").partition(":")
    if not kind or not _well_formed(kind, local):
        raise IdMalformed(path=(path,))
    return kind, local


def local_id(value: str, kind: str, path: str = "id") -> str:
    """Return the local id of an object that must be of type ``kind``.

    Raises:
        IdMalformed: it is no global id, or of another type; ``path`` names the field that held it.
    """
    found, local = parted(value, path)
    if found != kind:
        raise IdMalformed(path=(path,))
    return local


def cursor(local: str) -> str:
    """Return the cursor that stands for an object in its list."""
    return _opaque(local)


def after_cursor(value: str, kind: str) -> str:
    """Return the local id in a cursor of a list of objects of type ``kind``.

    Raises:
        CursorMalformed: it is none.
    """
    local = _plain(value)
    if local is None or not _well_formed(kind, local):
        raise CursorMalformed(path=("after",))
    return local


def _well_formed(kind: str, local: str) -> bool:
    return is_code(local) if kind in _NAMED_BY_CODE else _UUID.fullmatch(local) is not None


def _opaque(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(opaque: str) -> str | None:
    if len(opaque) > _LONGEST:
        return None
    try:
        return urlsafe_b64decode(opaque.encode("ascii") + b"=" * (-len(opaque) % 4)).decode("ascii")
    except (UnicodeError, binascii.Error):
        return None
