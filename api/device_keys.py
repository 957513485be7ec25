"""The key with which a device proves itself: as a bearer token, as the password of Basic, or in the query string."""

import binascii
from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

FIELDS_MAX = 20


def key_in(scope: Mapping[str, Any]) -> str:
    """Return the key that a request brings, or an empty text."""
    scheme, _, credentials = _header(scope["headers"], b"authorization").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        return _password(credentials)
    return _in_query(scope["query_string"])


def _header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == wanted), "")


def _password(credentials: str) -> str:
    try:
        return b64decode(credentials).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _in_query(query: bytes) -> str:
    try:
        return parse_qs(query.decode("latin-1"), max_num_fields=FIELDS_MAX).get("key", [""])[0]
    except ValueError:
        return ""
