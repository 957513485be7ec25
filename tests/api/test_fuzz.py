"""Whatever comes in, no answer is a fault of ours and none shows where it came from."""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.doors import NODE_ROLES, NodeRole
from api.ids import cursor, global_id
from api.schema import build_schema
from domain.shared.actors import Role
from tests.api.nodes import KEY, Node, memory_node

EVERYBODY = (Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR)
FEW = settings(
    max_examples=100,
    phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes of a node, and an example is small as it is
    suppress_health_check=list(HealthCheck),
    database=None,
)
OF_EACH_FIELD = int(os.environ.get("CAIFS_TEST_FUZZ", "6"))
"""How many requests of each root field are made."""

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        *("{", "}", "(", ")", ":", "[", "]", "!", "$", "@", "...", "|", "=", "&", '"', '"""', "#", ",", "\\", "\ufeff"),
        *("query", "mutation", "subscription", "fragment", "on", "schema", "extend", "type", "null", "true", "F", "$a"),
        *("alarms", "node", "id", "first", "edges", "cursor", "input", "__typename", "__schema", "thisNode", "Query"),
        *("1", "-1", "99999999999", "1.5e308", '"x"', '"\\u0000"', "@skip", "@include", "if"),
    ]
)
DOCUMENTS = st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=60)


@pytest.fixture(scope="module", params=NODE_ROLES)
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Node:
    return memory_node(tmp_path_factory.mktemp("node"), "dorohusk", request.param)


def post(node: Node, content: bytes) -> Any:
    async def send() -> Any:
        headers = {"authorization": f"Bearer {node.token(*EVERYBODY)}", "content-type": "application/json"}
        async with node.http() as client:
            return await client.post("/graphql", content=content, headers={**headers, "x-purpose": "fuzzing"})

    return asyncio.run(send())


def check(response: Any) -> None:
    assert response.status_code in {200, 400, 405, 413}, response.text
    assert "Traceback" not in response.text
    answer = response.json()
    assert set(answer) <= {"data", "errors"}
    for error in answer.get("errors", []):
        assert error["extensions"]["code"] != "INTERNAL", error
        assert 'File "' not in error["message"]


@FEW
@given(content=st.binary(max_size=200) | JSONS.map(lambda value: json.dumps(value).encode()))
def test_any_body(node: Node, content: bytes) -> None:
    check(post(node, content))


@FEW
@given(query=DOCUMENTS, variables=JSONS, operation=JSONS)
def test_any_document(node: Node, query: str, variables: Any, operation: Any) -> None:
    check(post(node, json.dumps({"query": query, "variables": variables, "operationName": operation}).encode()))


UUIDS = st.uuids().map(str)
IDS = st.builds(global_id, st.sampled_from(["Alarm", "Registration", "WatchlistEntry", "QuarantinedPush"]), UUIDS)
KNOWN = st.integers(0, 999).map(lambda number: f"known-{number}")
"""In the place of an id that an earlier answer told."""
KNOWN_PLACE = re.compile(r'"known-(\d+)"')
SENSIBLE = st.sampled_from(["lane-1", "inbound", "outbound", "WA12345", "plate", "document", "pl", "x" * 300, ""])
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "UUID": UUIDS,
    "ID": KNOWN | KNOWN | IDS | st.just(global_id("Device", "cam-1")) | st.text(),
    "String": SENSIBLE | SENSIBLE | SENSIBLE | UUIDS.map(cursor) | st.text(),
    "Boolean": st.booleans(),
    "Float": st.floats(1, 3) | st.floats(allow_nan=False, allow_infinity=False),
    "Int": st.integers(1, 3) | st.integers(1, 100) | st.integers(-(2**31), 2**31 - 1),
    "Int64": (st.integers(1, 20_000) | st.integers()).map(str) | st.integers(-(2**63), 2**63 - 1) | st.text(),
    "Date": st.dates().map(lambda day: day.isoformat()) | st.text(max_size=10),
    "DateTime": st.datetimes(timezones=st.none() | st.timezones()).map(lambda at: at.isoformat()),
}


def value_of(type_: Any) -> st.SearchStrategy[Any]:
    """Return values of an input type, of which some make sense."""
    if isinstance(type_, GraphQLNonNull):
        return value_of(type_.of_type)
    if is_list_type(type_):
        return st.lists(value_of(type_.of_type), max_size=3)
    if isinstance(type_, GraphQLInputObjectType):
        return st.fixed_dictionaries({name: value_of(field.type) for name, field in type_.fields.items()})
    if isinstance(type_, GraphQLScalarType):
        return SCALARS[type_.name]
    return st.sampled_from(sorted(type_.values))


def selection(type_: Any, depth: int = 3) -> str:
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        parts = [f"... on {each.name} {selection(each, depth)}" for each in named.types]
        return "{ __typename " + " ".join(parts) + " }"
    if not isinstance(named, GraphQLObjectType) or depth == 0:
        return "{ __typename }"
    parts = [f"{name} {selection(field.type, depth - 1)}" for name, field in named.fields.items() if not field.args]
    return "{ __typename " + " ".join(parts) + " }"


def calls(role: NodeRole) -> Iterator[st.SearchStrategy[tuple[str, dict[str, Any]]]]:
    """Yield well-formed requests of each root field, with values that may make no sense."""
    schema = build_schema(role)._schema
    for kind, root in (("mutation", schema.mutation_type), ("query", schema.query_type)):
        for name, field in root.fields.items():
            yield _asked(kind, name, field)


def _asked(kind: str, name: str, field: GraphQLField) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
    given_ = ", ".join(f"{key}: ${key}" for key in field.args)
    head = f"{kind} ({declared}) {{ {name} ({given_})" if declared else f"{kind} {{ {name}"
    query = f"{head} {selection(field.type)} }}"
    values = st.fixed_dictionaries({key: value_of(argument.type) for key, argument in field.args.items()})
    return values.map(lambda variables: (query, variables))


def ids_in(answer: Any) -> Iterator[str]:
    """Yield the ids in an answer."""
    for value in answer.values() if isinstance(answer, dict) else answer:
        if isinstance(value, dict | list):
            yield from ids_in(value)
    if isinstance(answer, dict) and isinstance(answer.get("id"), str):
        yield answer["id"]


def test_any_value(node: Node) -> None:
    asyncio.run(node.enrol())
    known = [global_id("Device", "cam-1")]

    def known_id(place: re.Match[str]) -> str:
        return json.dumps(known[int(place[1]) % len(known)])

    for asked in calls(node.doors.role):

        @settings(FEW, max_examples=OF_EACH_FIELD)
        @given(asked=asked)
        def ask(asked: tuple[str, dict[str, Any]]) -> None:
            query, variables = asked
            body = json.dumps({"query": query, "variables": variables})
            response = post(node, KNOWN_PLACE.sub(known_id, body).encode())
            check(response)
            known.extend(ids_in(response.json()))

        ask()


@FEW
@given(
    body=st.binary(max_size=300) | JSONS.map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from(["application/json", "application/xml", "multipart/form-data; boundary=b", "", "x"]),
    form=st.sampled_from(["hikvision_isapi", "plate_recognizer_stream"]),
    code=st.sampled_from(["cam-1", "cam-2", "x", "%00", "%ff"]),
)
def test_any_push(tmp_path_factory: pytest.TempPathFactory, body: bytes, kind: str, form: str, code: str) -> None:
    async def push() -> Any:
        node = memory_node(tmp_path_factory.getbasetemp())
        await node.enrol("cam-1", form)
        async with node.http() as client:
            headers = {"authorization": f"Bearer {KEY}", "content-type": kind}
            return await client.post(f"/devices/{code}/push", content=body, headers=headers)

    response = asyncio.run(push())
    assert response.status_code in ({200, 422} if code == "cam-1" else {401})
    assert "Traceback" not in response.text
