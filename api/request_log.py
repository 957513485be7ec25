"""A line in the log for each request that does not go without saying, and an answer where the program fails.

Query strings are never logged.
"""

import re
import time
from typing import Any

import orjson
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from domain.shared.ports import Ids

CALLER_GONE = 499
TAKEN = 200
_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset({"/livez", "/readyz"})
_log = structlog.get_logger(__name__)


class RequestLog:
    """Middleware: names each request, takes over the caller's trace, logs how it ended."""

    def __init__(self, app: ASGIApp, ids: Ids) -> None:
        """Stand before ``app``."""
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(scope, send, self._ids)
        try:
            await self._app(scope, receive, request.send)
        except ClientDisconnect:
            request.status = CALLER_GONE
        except Exception:  # noqa: BLE001 - whatever it is, it is logged and the caller is answered
            await request.fail()
        request.end()


class _Request:
    def __init__(self, scope: Scope, send: Send, ids: Ids) -> None:
        self._begun = time.perf_counter()
        self._scope = scope
        self._send = send
        headers: dict[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        self._id = given.decode() if _REQUEST_ID.fullmatch(given) else ids.new()
        self.status = 0
        clear_contextvars()
        bind_contextvars(request_id=self._id, **_trace(headers.get(b"traceparent", b"")))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", self._id.encode())]}
        await self._send(message)

    async def fail(self) -> None:
        """Tell that we failed, by the id under which the log tells more."""
        _log.exception("request_failed", path=self._scope["path"])
        if not self.status:
            problem = {"code": "INTERNAL", "message": "Something went wrong on our side.", "errorId": self._id}
            content = orjson.dumps({"status": "failed", "problem": problem})
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
            await self.send({"type": "http.response.start", "status": 500, "headers": headers})
            await self._send({"type": "http.response.body", "body": content})

    def end(self) -> None:
        """Log how it ended."""
        tell = _log.debug if self._is_quiet() else _log.info
        tell(
            "request",
            method=self._scope["method"],
            path=self._scope["path"],
            status=self.status,
            ms=round((time.perf_counter() - self._begun) * 1000, 3),
        )

    def _is_quiet(self) -> bool:
        """Tell whether nobody needs to know: questions after health, and pushes taken, which are on record anyway."""
        path = self._scope["path"]
        return path in _QUIET or (self.status == TAKEN and path.startswith("/devices/"))


def _trace(traceparent: bytes) -> dict[str, Any]:
    found = _TRACEPARENT.fullmatch(traceparent)
    return {"trace_id": found[1].decode(), "parent_span_id": found[2].decode()} if found else {}
