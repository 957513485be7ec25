"""Whatever comes in, no answer is a fault of ours and none shows where it came from."""

import asyncio
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.doors import NODE_ROLES
from domain.shared.actors import Role
from tests.api.asking import Request, calls, filled, ids_in
from tests.api.nodes import KEY, Node, memory_node
from tests.api.stock import stock

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


def test_any_value(node: Node) -> None:
    known = list(asyncio.run(stock(node)))
    for asked in calls(node.doors.role):

        @settings(FEW, max_examples=OF_EACH_FIELD)
        @given(asked=asked)
        def ask(asked: Request) -> None:
            response = post(node, filled(asked, known))
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
