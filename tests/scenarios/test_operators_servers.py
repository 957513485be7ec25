"""Centre, region and site on an operator's PostgreSQL and nats-servers."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
import pytest_asyncio

from domain.shared.actors import Role
from sites.demo.cameras import Sight, stream_json
from sites.demo.lanes import cameras
from sites.demo.topology import PLANS, Topology
from sites.demo.waiting import until
from sites.demo.wanted import approve, submit
from sites.servers.folders import remove_state
from sites.servers.postgres import PostgresServer
from tests.adapters.nats.lawless import LawlessLeaf
from tests.scenarios.operators import OperatorsNats, on_operators_servers

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

SITE = "koroszczyn"
CODES = ("central", "lublin", SITE)
PLATE = "WPR10234"
REASON = ("Vehicle reported stolen", "SEIZE", 1, "Do not let it move on; call the police.")
ENTRY = "query Entry($id: ID!) { watchlistEntry(id: $id) { state } }"
NEIGHBOURS = "query Neighbours { replication { health { waiting } neighbours { up } } }"
ALARMS = "query Alarms { alarms(first: 10) { edges { node { label node state } } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def databases() -> AsyncIterator[dict[str, str]]:
    """A database for each node that needs one, on one PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="caifs-operator-"))
    server = PostgresServer(folder)
    server.start()
    yield {code: await server.create_database(f"of_{code}") for code in ("central", "lublin")}
    await asyncio.to_thread(server.stop)
    remove_state(folder)


@pytest.fixture(scope="module")
def servers() -> dict[str, OperatorsNats]:
    """The operator's nats-servers, by the code of the node beside each; they run while the topology does."""
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def topology(
    http: httpx.AsyncClient, databases: dict[str, str], servers: dict[str, OperatorsNats]
) -> AsyncIterator[Topology]:
    """The nodes, running; none was told of a port or a folder of the operator's."""
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-scenarios-")), http, {code: PLANS[code] for code in CODES})
    operator = Path(tempfile.mkdtemp(prefix="caifs-operator-"))
    described = topology.nodes
    topology.nodes = {code: on_operators_servers(node, databases.get(code)) for code, node in described.items()}
    async with AsyncExitStack() as stack:
        stack.callback(remove_state, operator)
        for code, node in described.items():
            servers[code] = server = OperatorsNats(operator / code, node)
            server.start(topology.nodes[code]._environment)
            stack.callback(remove_state, operator / code)
            stack.callback(server.stop)
        stack.callback(topology.remove)
        stack.push_async_callback(asyncio.to_thread, topology.stop)
        topology.start()
        await topology.ready()
        yield topology


async def holds(topology: Topology, code: str, plate: str) -> bool:
    edges = (await topology.desk(code, "anna", (Role.OFFICER,)).look(ALARMS))["alarms"]["edges"]
    return {"label": plate, "node": SITE, "state": "RAISED"} in [edge["node"] for edge in edges]


async def test_a_push_is_an_alarm_at_every_level_and_in_the_operators_databases(
    topology: Topology, http: httpx.AsyncClient, databases: dict[str, str]
) -> None:
    camera = (await cameras(topology, http))[SITE][0]
    author, approver = (topology.desk("central", name, (Role.ANALYST,)) for name in ("bogdan", "celina"))
    entry_id = await submit(author, "pl", REASON, [{"kind": "plate", "value": PLATE, "country": "PL"}])
    await approve(approver, entry_id)
    at_site = topology.desk(SITE, "bogdan", (Role.ANALYST,))

    async def is_sought() -> bool:
        return (await at_site.look(ENTRY, id=entry_id))["watchlistEntry"] is not None

    await until(is_sought, "the entry is live at the site")
    seen = Sight(
        camera="camera", number=1, plate=PLATE, country="PL", kind="Big Truck", confidence=0.9, at=datetime.now(UTC)
    )
    status, answer = await camera.push(stream_json(seen))
    assert (status, answer["status"]) == (200, "registered")
    for code in CODES:
        await until(partial(holds, topology, code, PLATE), f"the alarm is at {code}")

    for url in databases.values():
        database = await asyncpg.connect(url)
        assert await database.fetchval("SELECT count(*) FROM alarm WHERE label = $1", PLATE) == 1
        await database.close()


async def test_the_nodes_start_no_servers_of_their_own(topology: Topology) -> None:
    for node in topology.nodes.values():
        assert [child.name() for child in psutil.Process(node.pid).children(recursive=True)] == []
        assert [file.name for file in node.state.iterdir() if file.name.startswith(("nats", "postgres"))] == []


async def test_the_operators_server_keeps_each_child_to_its_rights(topology: Topology) -> None:
    parent_url = topology.nodes[SITE]._environment["CAIFS_PARENT_LEAF_URL"]
    for subject in ("up.lublin.dorohusk.facts", "ack.lublin.dorohusk", "$JS.API.STREAM.INFO.UP-lublin"):
        leaf = await LawlessLeaf.open(parent_url)
        leaf.publish(subject)

        async def is_refused(leaf: LawlessLeaf = leaf) -> bool:
            return leaf.is_cut() and any(b"Permissions Violation for Publish" in line for line in leaf.told)

        await until(is_refused, f"nobody publishes {subject}")
        await leaf.close()


async def test_bulk_goes_past_a_server_that_hangs(topology: Topology, servers: dict[str, OperatorsNats]) -> None:
    site = topology.desk(SITE, "celina", (Role.ADMINISTRATOR,))

    async def up() -> bool:
        (parent,) = (await site.look(NEIGHBOURS))["replication"]["neighbours"]
        return bool(parent["up"])

    async def down() -> bool:
        return not await up()

    async def level() -> bool:
        return bool((await site.look(NEIGHBOURS))["replication"]["health"]["waiting"] == "0")

    await until(up, "the region answers")
    with servers[SITE].frozen():
        await until(down, "the site notices")
        await topology.desk(SITE, "bogdan", (Role.ANALYST,)).look(ALARMS)  # goes on audit, and that on its way
        await until(up, "the region answers again")
        await until(level, "the centre has all of the site's events")
