"""Signing in by a link: for development alone."""

import re
from pathlib import Path
from textwrap import dedent
from urllib.parse import parse_qs, urlsplit

import pytest
from graphql import parse, validate

from api.doors import NODE_ROLES
from api.graphiql import SESSION
from api.schema import build_schema
from domain.alarms.events import AlarmRaised
from domain.shared.actors import Role
from domain.shared.views import Window
from tests import samples
from tests.api.nodes import Closed, Node, memory_node

README = Path(__file__).parents[2] / "README.md"
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def cookie_of(node: Node, role: str = "officer") -> str:
    async with node.http() as client:
        response = await client.get(f"/development/{role}")
    return response.headers["set-cookie"].partition(";")[0]


@pytest.mark.parametrize("role", ["officer", "analyst", "administrator", "auditor"])
async def test_link_signs_in_and_leads_to_graphiql(developed: Node, role: str) -> None:
    async with developed.http() as client:
        response = await client.get(f"/development/{role}")

    assert response.status_code == 303
    cookie = response.headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "caifs-dorohusk"
    assert {each.strip().lower() for each in rest.split(";")} >= {"httponly", "samesite=strict", "path=/"}
    actor, expires_at = developed.issuer.verify(rest.partition(";")[0])
    assert (actor.name, actor.roles) == (f"demo-{role}", {Role(role)})
    assert expires_at == developed.clock.now() + SESSION
    address = urlsplit(response.headers["location"])
    assert address.path == "/graphql"
    assert "+" not in address.query  # GraphiQL does not take it for a blank
    (beginning,) = parse_qs(address.query)["q"]
    for node_role in NODE_ROLES:
        assert validate(build_schema(node_role)._schema, parse(beginning)) == []


async def test_walk_of_the_readme(developed: Node) -> None:
    blocks = re.findall(r"^ *```graphql\n(.*?)^ *```", README.read_text(), re.DOTALL | re.MULTILINE)
    filled_in, acknowledges, *at_the_centre = map(dedent, blocks)
    assert len(at_the_centre) == 3
    async with developed.http() as client:
        response = await client.get("/development/officer")
    assert parse_qs(urlsplit(response.headers["location"]).query)["q"] == [filled_in]
    assert validate(build_schema("site")._schema, parse(acknowledges)) == []
    for each in at_the_centre:
        assert validate(build_schema("central")._schema, parse(each)) == []


@pytest.mark.parametrize("role", ["device", "system", "king", "%00"])
async def test_no_other_roles(developed: Node, role: str) -> None:
    async with developed.http() as client:
        response = await client.get(f"/development/{role}")
    assert response.status_code == 404
    assert "set-cookie" not in response.headers


async def test_page_is_shown_in_development_alone(developed: Node, site: Node) -> None:
    async with developed.http() as client:
        response = await client.get("/graphql", headers=HTML)
    assert response.status_code == 200
    assert "GraphiQL" in response.text
    async with site.http() as client:
        assert (await client.get("/graphql", headers=HTML)).status_code == 401
        assert (await client.get("/development/officer")).status_code == 404


async def test_signed_in_by_cookie_a_newcomer_asks(developed: Node) -> None:
    async with developed.http() as client:
        response = await client.post(
            "/graphql",
            json={"query": "{ alarms { edges { node { id } } } }"},
            headers={"cookie": await cookie_of(developed)},
        )
    assert response.json() == {"data": {"alarms": {"edges": []}}}
    (record,) = (await developed.views.audit_records(Window(limit=5))).items
    assert (record.who, record.purpose) == ("demo-officer", "demonstration")


async def test_signed_in_by_cookie_a_newcomer_follows(developed: Node) -> None:
    async with developed.socket(cookie=await cookie_of(developed), origin="http://node") as socket:
        await socket.init()
        await socket.subscribe("subscription { alarms { alarm { label } } }")
        await developed.record(AlarmRaised(alarm=samples.alarm()))
        assert await socket.result() == {"data": {"alarms": {"alarm": {"label": "WA12345"}}}}


async def test_page_of_another_origin_cannot_use_the_cookie(developed: Node) -> None:
    with pytest.raises(Closed):
        await developed.socket(cookie=await cookie_of(developed), origin="http://evil").__aenter__()


async def test_cookie_counts_for_nothing_in_production(tmp_path: Path, developed: Node) -> None:
    cookie = await cookie_of(developed)
    node = memory_node(tmp_path)  # of the same key and code
    async with node.http() as client:
        response = await client.post("/graphql", json={"query": "{ __typename }"}, headers={"cookie": cookie})
    assert response.status_code == 401
    async with node.socket(cookie=cookie) as socket:
        socket.send({"type": "connection_init"})
        with pytest.raises(Closed) as closed:
            await socket.receive()
    assert closed.value.code == 4403


async def test_header_counts_before_the_cookie(developed: Node) -> None:
    async with developed.http() as client:
        response = await client.post(
            "/graphql",
            json={"query": "{ __typename }"},
            headers={"cookie": await cookie_of(developed), "authorization": "Bearer x"},
        )
    assert response.status_code == 401
