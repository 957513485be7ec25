import stat
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from sites.demo.topology import PLANS, Topology
from sites.settings import NodeSettings, read
from sites.users import children


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, NodeSettings]:
    nodes = Topology(tmp_path / "state", httpx.AsyncClient()).nodes
    return {code: read(node.plan.role, node._environment) for code, node in nodes.items()}


def test_every_node_is_told_what_it_is(settings: dict[str, NodeSettings]) -> None:
    assert {code: (one.code, one.role) for code, one in settings.items()} == {
        code: (code, plan.role) for code, plan in PLANS.items()
    }
    assert settings["koroszczyn"].link.scopes == ("pl", "lublin", "koroszczyn")
    assert settings["lublin"].link.scopes == ("*",)


def test_nodes_dial_where_their_parents_listen(settings: dict[str, NodeSettings]) -> None:
    for node in settings.values():
        if node.link.parent:
            parent = settings[node.link.parent]
            leaf, client = urlsplit(node.link.parent_leaf_url), urlsplit(node.link.parent_url)
            (user,) = [user for user in children(parent) if user.name == node.code]
            assert (leaf.port, leaf.username, leaf.password) == (parent.link.leaf_port, user.name, user.secret)
            assert (client.port, client.username, client.password) == (parent.link.nats_port, user.name, user.secret)
            assert parent.link.children[node.code] == node.link.scopes


def test_each_node_has_state_ports_and_servers_of_its_own(settings: dict[str, NodeSettings]) -> None:
    assert len({node.state for node in settings.values()}) == len(PLANS)
    ports = [port for node in settings.values() for port in (node.http.port, node.link.nats_port) if port]
    assert len(ports) == len(set(ports)) == 2 * len(PLANS)
    assert {(node.database_url, node.link.nats_url) for node in settings.values()} == {(None, None)}


def test_ports_and_secrets_are_kept_for_the_next_time(tmp_path: Path) -> None:
    first, second = (Topology(tmp_path, httpx.AsyncClient()).nodes for _ in range(2))
    assert [node._environment for node in first.values()] == [node._environment for node in second.values()]
    assert stat.S_IMODE((tmp_path / "topology.json").stat().st_mode) == 0o600


def test_roles_are_found(tmp_path: Path) -> None:
    topology = Topology(tmp_path, httpx.AsyncClient())
    assert [node.code for node in topology.of_role("site")] == ["koroszczyn", "dorohusk"]
    assert [node.code for node in topology.of_role("central", "region")] == ["central", "lublin"]
