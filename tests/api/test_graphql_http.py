"""GraphQL over HTTP, after the audits of graphql-http."""

import json
from typing import Any

import httpx
import pytest

from api.graphql_http import LONGEST_BODY
from domain.shared.actors import Role
from domain.shared.errors import Unavailable
from tests.api.nodes import HOUR, Node, memory_node

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
TYPED = "query ($name: String!) { __type(name: $name) { name } }"


async def send(
    node: Node, body: Any = None, *, method: str = "POST", content: Any = None, **headers: str
) -> httpx.Response:
    given = {"content-type": JSON, "authorization": f"Bearer {node.token(Role.OFFICER)}", "x-purpose": "patrol"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    given = {name: value for name, value in given.items() if value}
    raw = json.dumps(body) if content is None else content
    async with node.http() as client:
        return await client.request(method, "/graphql", content=raw, headers=given)


async def fetch(node: Node, params: dict[str, str], **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {node.token(Role.OFFICER)}", **headers}
    async with node.http() as client:
        return await client.get("/graphql", params=params, headers=given)


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (JSON, JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}; charset=utf-8, {JSON}; q=0.9", RESPONSE_JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("", JSON),
        (f"text/html, {RESPONSE_JSON}", RESPONSE_JSON),
    ],
)
async def test_answer_is_of_the_type_that_is_accepted(site: Node, accept: str, answered: str) -> None:
    response = await send(site, {"query": "{ __typename }"}, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}
    assert response.headers["cache-control"] == "no-store"


async def test_type_that_nobody_can_answer(site: Node) -> None:
    response = await send(site, {"query": "{ __typename }"}, accept="text/csv")
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "MEDIA_TYPE_UNKNOWN"


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=x", f"{JSON}; charset=utf-16"])
async def test_request_of_another_type(site: Node, kind: str) -> None:
    response = await send(site, {"query": "{ __typename }"}, content_type=kind)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        "7",
        '"{ __typename }"',
        "[]",
        '[{"query": "{ __typename }"}]',
        "{}",
        '{"query": null}',
        '{"query": ""}',
        '{"query": 7}',
        '{"query": {"a": 1}}',
        '{"query": ["{ __typename }"]}',
        '{"query": "{ __typename }", "variables": 0}',
        '{"query": "{ __typename }", "variables": ""}',
        '{"query": "{ __typename }", "variables": []}',
        '{"query": "{ __typename }", "variables": false}',
        '{"query": "{ __typename }", "operationName": 0}',
        '{"query": "{ __typename }", "operationName": {}}',
        '{"query": "{ __typename }", "extensions": 0}',
        '{"query": "{ __typename }", "extensions": []}',
        b"\xff\xfe",
        b'{"query": "\xff"}',
        '{"query": "\\ud800"}',
    ],
)
async def test_what_is_no_request(site: Node, content: Any) -> None:
    response = await send(site, content=content, accept=RESPONSE_JSON)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith(RESPONSE_JSON)
    assert response.json() == {
        "errors": [{"message": response.json()["errors"][0]["message"], "extensions": {"code": "REQUEST_MALFORMED"}}]
    }


@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
async def test_null_is_as_good_as_nothing(site: Node, name: str) -> None:
    response = await send(site, {"query": "{ __typename }", name: None})
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($a: Int!) { registrations(first: $a) { edges { cursor } } }"}, "GRAPHQL_VALIDATION_FAILED"),
        (
            {
                "query": "query ($a: Int!) { registrations(first: $a) { edges { cursor } } }",
                "variables": {"a": "x"},
            },
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            {
                "query": "query ($a: Int!) { registrations(first: $a) { edges { cursor } } }",
                "variables": {"a": 10**12},
            },
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ],
)
async def test_document_or_variables_at_fault(site: Node, body: Any, code: str) -> None:
    strict, lenient = await send(site, body, accept=RESPONSE_JSON), await send(site, body, accept=JSON)
    assert (strict.status_code, lenient.status_code) == (400, 200)
    assert strict.json() == lenient.json()
    assert "data" not in strict.json()
    assert strict.json()["errors"][0]["extensions"]["code"] == code


async def test_no_suggestions_outside_development(site: Node) -> None:
    response = await send(site, {"query": "{ alarmz { edges { cursor } } }"})
    assert "alarms" not in response.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": "query A { __typename } query B { __typename }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { __typename }", "operationName": "B"}, 400, "OPERATION_UNKNOWN"),
        ({"query": "fragment F on Query { __typename }"}, 400, "OPERATION_UNKNOWN"),
        ({"query": "subscription { alarms { cursor } }"}, 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_operation_that_cannot_be_run(site: Node, body: Any, status: int, code: str) -> None:
    response = await send(site, body, accept=RESPONSE_JSON)
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_one_of_several_operations(site: Node) -> None:
    response = await send(site, {"query": "query A { a: __typename } query B { b: __typename }", "operationName": "B"})
    assert response.json() == {"data": {"b": "Query"}}


async def test_queries_come_by_get_too(site: Node) -> None:
    assert (await fetch(site, {"query": "{ __typename }"})).json() == {"data": {"__typename": "Query"}}
    params = {"query": "query A($a: Boolean!) { __typename @include(if: $a) }", "variables": '{"a": true}'}
    for more in ({}, {"operationName": "A"}, {"operationName": ""}, {"extensions": "{}"}, {"extensions": ""}):
        assert (await fetch(site, params | more)).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("params", [{}, {"query": ""}, {"query": "{ __typename }", "variables": "{"}])
async def test_get_that_is_no_request(site: Node, params: dict[str, str]) -> None:
    assert (await fetch(site, params)).status_code == 400


async def test_mutations_do_not_come_by_get(site: Node) -> None:
    response = await fetch(site, {"query": "mutation { __typename }"})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
async def test_other_methods(site: Node, method: str) -> None:
    response = await send(site, {"query": "{ __typename }"}, method=method)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_body_has_a_limit(site: Node) -> None:
    query = "{ __typename }"
    fitting = query + " " * (LONGEST_BODY - len(json.dumps({"query": query})))
    assert (await send(site, {"query": fitting})).status_code == 200
    response = await send(site, {"query": fitting + " "})
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_tokens_that_are_none(site: Node) -> None:
    expired = site.token(Role.OFFICER)
    site.clock.step(HOUR)
    for authorization, code in (
        ("", "UNAUTHENTICATED"),
        ("Bearer", "UNAUTHENTICATED"),
        ("Basic YTpi", "UNAUTHENTICATED"),
        ("Bearer x", "TOKEN_REFUSED"),
        (f"Bearer {expired}", "TOKEN_EXPIRED"),
    ):
        response = await send(site, {"query": "{ __typename }"}, authorization=authorization)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_refusals_speak_polish(site: Node) -> None:
    response = await send(
        site, {"query": "{ __typename }"}, authorization="", accept_language="pl-PL,pl;q=0.9,en;q=0.8"
    )
    assert response.json()["errors"][0]["message"] == "Potrzebny jest ważny token."
    response = await send(site, {"query": "{ auditRecords { edges { cursor } } }"}, accept_language="pl")
    assert response.json()["errors"][0]["message"] == "Żadna z Twoich ról na to nie pozwala."


async def test_purpose_in_any_spelling(site: Node) -> None:
    query = {"query": "{ alarms { edges { cursor } } }"}
    for raw, purpose in ((b"kontrola", "kontrola"), ("wgląd".encode(), "wgląd"), (b"\xa7 15", "§ 15"), (b" a ", "a")):
        async with site.http() as client:
            headers = [(b"authorization", f"Bearer {site.token(Role.OFFICER)}".encode()), (b"x-purpose", raw)]
            assert "errors" not in (await client.post("/graphql", json=query, headers=headers)).json()
        assert purpose in {each.purpose for each in site.changes.tables.audit.all()}


async def test_purpose_that_is_none(site: Node) -> None:
    query = {"query": "{ alarms { edges { cursor } } }"}
    for purpose, status, code in (("x" * 201, 400, "PURPOSE_MALFORMED"), (" ", 200, "PURPOSE_MISSING")):
        response = await send(site, query, x_purpose=purpose)
        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_fault_is_masked_and_found_in_the_log(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        async def statuses(self) -> None:
            raise ZeroDivisionError("the secret of the house")

    node = memory_node(tmp_path, views=Broken())
    for language, message in (("en", "Something went wrong on our side"), ("pl", "Coś poszło nie tak")):
        response = await send(node, {"query": "{ thisNode { logs { seq } } }"}, accept_language=language)
        assert response.status_code == 200
        (error,) = response.json()["errors"]
        assert error["message"].startswith(message)
        assert error["extensions"]["code"] == "INTERNAL"
        assert error["path"] == ["thisNode", "logs"]
        assert "secret" not in response.text
        printed = capsys.readouterr().out
        assert error["extensions"]["errorId"] in printed
        assert "the secret of the house" in printed


async def test_refusal_while_looking_up_is_told(tmp_path: Any) -> None:
    class Away:
        async def statuses(self) -> None:
            raise Unavailable("The database does not answer.")

    node = memory_node(tmp_path, views=Away())
    (error,) = (await send(node, {"query": "{ thisNode { logs { seq } } }"})).json()["errors"]
    assert (error["message"], error["extensions"]) == ("The database does not answer.", {"code": "UNAVAILABLE"})


async def test_introspection_is_for_development(site: Node, developed: Node) -> None:
    closed = await send(site, {"query": TYPED, "variables": {"name": "Query"}})
    assert closed.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in closed.json()
    opened = await send(developed, {"query": TYPED, "variables": {"name": "Query"}})
    assert opened.json() == {"data": {"__type": {"name": "Query"}}}
