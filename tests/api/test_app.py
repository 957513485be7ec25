"""Health, the log of requests, and what is not there."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from domain.shared.actors import Role
from tests.api.nodes import KEY, Node, memory_node, serving, stream_push

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def log() -> Any:
    """What is logged, with what belongs to the request."""
    capture = LogCapture()
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture.entries
    structlog.configure(processors=before)


async def test_node_lives(site: Node) -> None:
    async with site.http() as client:
        response = await client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "node": "dorohusk"})


@pytest.mark.parametrize(
    ("parts", "status", "word"),
    [
        ({}, 200, "ok"),
        ({"database": None, "nats": None}, 200, "ok"),
        ({"database": None, "nats": "not connected"}, 503, "not_ready"),
    ],
)
async def test_node_is_ready_when_all_its_parts_are(
    tmp_path: Path, parts: Mapping[str, str | None], status: int, word: str
) -> None:
    async def readiness() -> Mapping[str, str | None]:
        return parts

    async with memory_node(tmp_path, readiness=readiness).http() as client:
        response = await client.get("/readyz")
    assert response.status_code == status
    told = {name: reason or "ok" for name, reason in parts.items()}
    assert response.json() == {"status": word, "node": "dorohusk", "parts": told}


@pytest.mark.parametrize("path", ["/", "/nothing", "/graphql/", "/devices", "/devices/cam-1", "/development/officer"])
async def test_nothing_there(site: Node, path: str) -> None:
    async with site.http() as client:
        response = await client.get(path)
    assert response.status_code == 404
    assert response.json() == {"problem": {"code": "HTTP_404", "message": "Not Found"}}


async def test_request_has_one_line_without_its_query(site: Node, log: list[Any]) -> None:
    async with site.http() as client:
        response = await client.post(f"/devices/cam-1/push?key={KEY}", content=b"x", headers={"x-request-id": "r-1"})
    (line,) = log
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/devices/cam-1/push",
        "status": 401,
        "request_id": "r-1",
    }
    assert response.headers["x-request-id"] == "r-1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "ż"])
async def test_request_that_brings_no_fit_id_gets_one(site: Node, given: str) -> None:
    async with site.http() as client:
        response = await client.get("/livez", headers={"x-request-id": given.encode()})
    assert re.fullmatch(r"[0-9a-f-]{36}", response.headers["x-request-id"])


@pytest.mark.parametrize(
    ("traceparent", "known"),
    [
        (f"00-{TRACE}-b7ad6b7169203331-01", True),
        (f"01-{TRACE}-b7ad6b7169203331-01", False),
        ("junk", False),
        ("", False),
    ],
)
async def test_trace_of_the_caller_is_taken_over(site: Node, log: list[Any], traceparent: str, known: bool) -> None:  # noqa: FBT001 - of the table above
    await site.enrol()
    await site.push(stream_push("WA12345"), traceparent=traceparent)
    (line,) = log
    assert line.get("trace_id") == (TRACE if known else None)
    assert line.get("parent_span_id") == ("b7ad6b7169203331" if known else None)


async def test_requests_do_not_share_what_is_logged(site: Node, log: list[Any]) -> None:
    await site.enrol()
    await site.push(stream_push("WA12345"), traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
    await site.push(stream_push("WA12345"))
    first, second = log
    assert "trace_id" in first
    assert "trace_id" not in second
    assert first["request_id"] != second["request_id"]


async def test_health_is_asked_for_too_often_to_be_news(site: Node, log: list[Any]) -> None:
    async with site.http() as client:
        await client.get("/livez")
    assert [line["log_level"] for line in log] == ["debug"]


async def test_fault_is_answered_without_its_trace(tmp_path: Path, log: list[Any]) -> None:
    class Broken:
        async def device(self, _: str) -> None:
            raise ZeroDivisionError("the secret of the house")

    node = memory_node(tmp_path, views=Broken())
    response = await node.push(b"x")
    assert response.status_code == 500
    assert "secret" not in response.text
    error_id = response.json()["problem"]["errorId"]
    assert [(line["event"], line["request_id"]) for line in log] == [
        ("request_failed", error_id),
        ("request", error_id),
    ]


async def test_caller_who_goes_away_is_no_fault(site: Node, log: list[Any]) -> None:
    await site.enrol()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/devices/cam-1/push",
        "query_string": f"key={KEY}".encode(),
        "headers": [],
    }
    messages = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}],
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        raise AssertionError(message)

    await site.app(scope, receive, send)
    assert [line["status"] for line in log] == [499]


async def test_node_opens_and_closes_with_the_server(tmp_path: Path) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        seen.append("opened")
        yield
        seen.append("closed")

    node = memory_node(tmp_path, lifespan=lifespan)
    async with serving(node.app):
        assert seen == ["opened"]
    assert seen == ["opened", "closed"]


async def test_secrets_of_a_caller_are_not_logged(site: Node, log: list[Any]) -> None:
    token = site.token(Role.OFFICER)
    await site.post("{ alarms { edges { cursor } } }", Role.OFFICER)
    assert token not in repr(log)
