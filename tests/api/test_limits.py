import time

import pytest
from graphql import get_introspection_query

from api.limits import DEEPEST, LIMIT_CODE, MOST_ALIASES, MOST_TOKENS
from domain.shared.actors import Role
from tests.api.nodes import Node, key


def nested(levels: int) -> str:
    """Return a query of the given number of levels that is wrong in nothing else that is told first."""
    return "{ " + "node(id: 1) { " * (levels - 1) + "id " + "} " * levels


async def test_depth(site: Node) -> None:
    assert LIMIT_CODE not in await site.refused(nested(DEEPEST), Role.OFFICER)
    assert LIMIT_CODE in await site.refused(nested(DEEPEST + 1), Role.OFFICER)


async def test_depth_hides_in_no_fragment(site: Node) -> None:
    spread = "{ ...A } fragment A on Query { alarms { ...B } } fragment B on AlarmConnection { edges { ...C } } "
    deep = spread + "fragment C on AlarmEdge { node { " + "match { " * 8 + "title" + " }" * 10
    assert LIMIT_CODE in await site.refused(deep, Role.OFFICER)
    assert LIMIT_CODE in await site.refused("{ " + "... { ... on Query { " + nested(11)[1:] + "} } ", Role.OFFICER)


async def test_measuring_is_cheap_however_fragments_nest(site: Node) -> None:
    """Each fragment names the next one twice: to follow every path would take for ever."""
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    begun = time.monotonic()
    await site.ask(f"{{ ...F0 }} {chain} fragment F60 on Query {{ __typename }}", Role.OFFICER)
    assert time.monotonic() - begun < 5


async def test_circle_of_fragments_is_refused(site: Node) -> None:
    query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    assert await site.refused(query, Role.OFFICER) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_aliases(site: Node) -> None:
    aliases = " ".join(f"a{n}: __typename" for n in range(MOST_ALIASES))
    await site.ask(f"{{ {aliases} }}", Role.OFFICER)
    assert await site.refused(f"{{ {aliases} b: __typename }}", Role.OFFICER) == [LIMIT_CODE]
    assert await site.refused(f"{{ {aliases} b: __typename c: __typename }}", Role.OFFICER) == [LIMIT_CODE]


async def test_tokens(site: Node) -> None:
    assert "GRAPHQL_PARSE_FAILED" not in await site.refused(of_tokens(MOST_TOKENS), Role.OFFICER)
    assert await site.refused(of_tokens(MOST_TOKENS + 1), Role.OFFICER) == ["GRAPHQL_PARSE_FAILED"]


def of_tokens(count: int) -> str:
    """Return a document of so many tokens whose mistakes are found only after it has been parsed."""
    return "{ alarms(node: [" + " 1" * (count - 12) + "]) { edges }" + " }"


@pytest.mark.parametrize("query", ["{ a" * 490, "{ alarms(first: " + "[" * 900 + "}", "{ a " * 300 + "}" * 300])
async def test_nesting_that_no_stack_can_hold(site: Node, query: str) -> None:
    codes = await site.refused(query, Role.OFFICER)
    assert set(codes) <= {LIMIT_CODE, "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


async def test_page(site: Node) -> None:
    for first in (1, 100):
        await site.ask("query ($n: Int!) { alarms(first: $n) { edges { cursor } } }", Role.OFFICER, n=first)
    for first in (0, -1, 101, 2**31 - 1):
        codes = await site.refused("query ($n: Int!) { alarms(first: $n) { edges { cursor } } }", Role.OFFICER, n=first)
        assert codes == ["FIRST_OUT_OF_RANGE"]


async def test_nul_is_refused_wherever_it_hides(site: Node) -> None:
    mutation = "mutation ($input: VehicleRegisterInput!) { vehicleRegister(input: $input) { __typename } }"
    given = {"idempotencyKey": key(), "lane": "lane-1", "direction": "outbound", "plate": "WA\0 12345"}
    assert await site.refused(mutation, Role.OFFICER, input=given) == ["CHARACTER_NOT_ALLOWED"]
    for literal in ('"WA\\u0000"', '"WA\\u{0}"'):
        query = f"{{ registrations(label: {literal}) {{ edges {{ cursor }} }} }}"
        assert await site.refused(query, Role.OFFICER) == ["CHARACTER_NOT_ALLOWED"]
    person = "mutation ($input: PersonRegisterInput!) { personRegister(input: $input) { __typename } }"
    lines = {"idempotencyKey": key(), "lane": "lane-1", "direction": "outbound", "mrz": ["a", "\0"]}
    assert await site.refused(person, Role.OFFICER, input=lines) == ["CHARACTER_NOT_ALLOWED"]


async def test_graphiql_may_introspect_in_development(developed: Node) -> None:
    query = get_introspection_query(specified_by_url=True, input_value_deprecation=True, schema_description=True)
    assert len((await developed.ask(query, Role.OFFICER))["__schema"]["types"]) > 50
