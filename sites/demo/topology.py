"""Centre, one region and two sites, each a process of its own with servers of its own, on this machine.

They are told everything by their environment and inherit nothing of ours: an operator's database is one node's, and
four nodes must not share it.
"""

import asyncio
import json
import secrets
import socket
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from adapters.identity.development import DevelopmentIssuer
from adapters.system import SystemClock
from domain.shared.actors import Role
from sites.demo.node import Node, Plan
from sites.demo.waiting import until
from sites.desk import Desk
from sites.servers.child import claimed_output
from sites.servers.folders import remove_state, write_private
from sites.servers.nats import client_url, leaf_url
from sites.servers.ports import LOOPBACK
from sites.settings import Role as NodeRole
from sites.users import child_secret

__all__ = ["CENTRE", "COUNTRY", "PLANS", "REGION", "SITES", "Plan", "Topology"]

CENTRE, REGION = "central", "lublin"
SITES = ("koroszczyn", "dorohusk")
COUNTRY = "pl"
_PORTS = range(20_000, 32_000)  # below those that the kernel gives to outgoing connections
_WATCH_EVERY = 0.5
_MISSING = "query Missing { thisNode { missingLists } }"
_TOKEN_LASTS = timedelta(days=7)

PLANS: Mapping[str, Plan] = {
    plan.code: plan
    for plan in (
        Plan(code=CENTRE, role="central", parent=None),
        Plan(code=REGION, role="region", parent=CENTRE, scopes=("*",)),
        *(Plan(code=site, role="site", parent=REGION, scopes=(COUNTRY, REGION, site)) for site in SITES),
    )
}


class Topology:
    """All nodes of the demo.

    Attributes:
        state: folder that keeps their ports and secrets, and a folder for each.
        nodes: by code, parents first.
    """

    def __init__(self, state: Path, http: httpx.AsyncClient, plans: Mapping[str, Plan] = PLANS) -> None:
        """Describe the nodes of ``plans``; nothing runs yet. ``state`` is made if need be."""
        self.state = state.absolute()
        self._http = http
        self.state.mkdir(parents=True, exist_ok=True)
        kept = _kept(self.state / "topology.json", plans)
        self.nodes: Mapping[str, Node] = {
            code: Node(plan, self.state / code, _environment(plan, plans, self.state / code, kept))
            for code, plan in plans.items()
        }

    def of_role(self, *roles: NodeRole) -> Sequence[Node]:
        """Return the nodes of these roles."""
        return [node for node in self.nodes.values() if node.plan.role in roles]

    def start(self) -> None:
        """Start all nodes at once; from the main thread.

        Raises:
            ChildError: a node of this state folder runs already.
        """
        for node in self.nodes.values():
            node.start()

    async def ready(self) -> None:
        """Wait until all nodes serve, and all sites can tell who is sought.

        Raises:
            ChildError: one does not.
            DemoFailed: one cannot.
        """
        await asyncio.gather(*(node.ready(self._http) for node in self.nodes.values()))
        await asyncio.gather(*(self.lists_arrived(site.code) for site in self.of_role("site")))

    async def lists_arrived(self, code: str) -> None:
        """Wait until each list that a node needs has arrived there; until then nothing is checked.

        Raises:
            DemoFailed: one does not arrive.
        """
        desk = self.desk(code, "demo-administrator", (Role.ADMINISTRATOR,))

        async def arrived() -> bool:
            return not (await desk.look(_MISSING))["thisNode"]["missingLists"]

        await until(arrived, f"the lists have arrived at {code}")

    async def watch(self) -> None:
        """Wait, in vain as long as all goes well, for a node that ends.

        Raises:
            ChildError: one has.
        """
        while True:
            for node in self.nodes.values():
                node.check()
            await asyncio.sleep(_WATCH_EVERY)

    def stop(self) -> None:
        """Ask all nodes to end, and wait."""
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            list(threads.map(Node.stop, self.nodes.values()))

    def remove(self) -> None:
        """Delete all that the nodes kept, as soon as the last of their servers has ended.

        Raises:
            ChildError: one does not end.
        """
        for node in self.nodes.values():
            if node.state.exists():
                for log in node.state.glob("*.log"):
                    with claimed_output(log):
                        pass
                remove_state(node.state)
        remove_state(self.state)

    def desk(self, code: str, name: str, roles: Collection[Role]) -> Desk:
        """Return a person of this name at a node, signed in with these roles."""
        node = self.nodes[code]
        token = DevelopmentIssuer(node.state, code, SystemClock()).mint(name, roles, _TOKEN_LASTS)
        return Desk(self._http, node.url, token)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What is drawn once and stays the same: ports by node and purpose, and each parent's secret."""

    ports: Mapping[str, Mapping[str, int]]
    secrets: Mapping[str, str]


def _kept(file: Path, plans: Iterable[str]) -> _Kept:
    if not file.exists():
        with ExitStack() as held:
            ports = {code: {use: _free_port(held) for use in ("http", "nats", "leaf")} for code in plans}
        drawn = {"ports": ports, "secrets": {code: secrets.token_urlsafe(32) for code in plans}}
        write_private(file, json.dumps(drawn))
    return _Kept(**json.loads(file.read_text(encoding="utf-8")))


def _environment(plan: Plan, plans: Mapping[str, Plan], state: Path, kept: _Kept) -> Mapping[str, str]:
    ports = kept.ports[plan.code]
    environment = {
        "CAIFS_NODE": plan.code,
        "CAIFS_STATE": str(state),
        "CAIFS_DEVELOPMENT": "1",
        "CAIFS_HTTP_PORT": str(ports["http"]),
        "CAIFS_NATS_PORT": str(ports["nats"]),
    }
    children = [child for child in plans.values() if child.parent == plan.code]
    if children:
        environment |= {
            "CAIFS_LEAF_PORT": str(ports["leaf"]),
            "CAIFS_CHILDREN_SECRET": kept.secrets[plan.code],
            "CAIFS_CHILDREN": ";".join(f"{child.code}={','.join(child.scopes)}" for child in children),
        }
    if plan.parent is not None:
        above, secret = kept.ports[plan.parent], child_secret(kept.secrets[plan.parent], plan.parent, plan.code)
        environment |= {
            "CAIFS_PARENT": plan.parent,
            "CAIFS_PARENT_LEAF_URL": leaf_url(above["leaf"], plan.code, secret),
            "CAIFS_PARENT_URL": client_url(above["nats"], plan.code, secret),
            "CAIFS_SCOPES": ",".join(plan.scopes),
        }
    return environment


def _free_port(held: ExitStack) -> int:
    """Return a port that nobody listens on, and listen on it as long as it is ``held``: none is drawn twice."""
    while True:
        port = secrets.choice(_PORTS)
        with suppress(OSError):
            held.enter_context(socket.create_server((LOOPBACK, port)))
            return port
