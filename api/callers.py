"""Who asks, and why: from the headers of a request, the first message of a WebSocket, or the cookie of development."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import HTTPConnection

from api.context import Caller
from api.doors import Doors
from api.refusals import PurposeMalformed, Unauthenticated

DEMONSTRATION = "demonstration"
LONGEST_PURPOSE = 200


def cookie_name(node: str) -> str:
    """Return the name of the cookie of development; nodes at one address must not share it."""
    return f"caifs-{node}"


def caller_of_request(connection: HTTPConnection, doors: Doors) -> Caller:
    """Return who sends a request; the purpose is in the header ``X-Purpose``, in UTF-8 or Latin-1.

    Raises:
        Forbidden: nobody has proved who it is.
        PurposeMalformed: the purpose is none.
    """
    headers = connection.headers
    return _caller(connection, doors, headers.get("authorization", ""), _unescaped(headers.get("x-purpose", "")))


def caller_of_socket(connection: HTTPConnection, doors: Doors, params: Mapping[str, object]) -> Caller:
    """Return who opened a WebSocket, by the payload of ``connection_init``: ``authorization`` and ``purpose``.

    Raises:
        Forbidden: nobody has proved who it is.
        PurposeMalformed: the purpose is none.
    """
    return _caller(connection, doors, str(params.get("authorization", "")), str(params.get("purpose", "")))


def _caller(connection: HTTPConnection, doors: Doors, authorization: str, purpose: str) -> Caller:
    scheme, _, token = authorization.partition(" ")
    if not authorization and doors.development:
        scheme, token = "bearer", connection.cookies.get(cookie_name(doors.node), "")
        purpose = purpose or DEMONSTRATION
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    actor, expires_at = doors.tokens.verify(token.strip())
    return Caller(actor=replace(actor, purpose=_checked(purpose)), expires_at=expires_at)


def _checked(purpose: str) -> str:
    stated = purpose.strip()
    if len(stated) > LONGEST_PURPOSE or not stated.isprintable():
        raise PurposeMalformed
    return stated


def _unescaped(header: str) -> str:
    """Headers are handed over as Latin-1; browsers cannot send others, but other callers may send UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header
