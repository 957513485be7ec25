"""Thirty sites on one parent: how soon all flow again after the parent's nats-server was down for 20 seconds.

All is real: thirty site processes with SQLite and a leaf nats-server each, and a centre on PostgreSQL whose nats-server
is ended and started again from here, in the way of an operator's. During the outage each site puts a fact on record; as
soon as the server takes connections again each does once more, by GraphQL. A site flows when it has stored that its
parent has all of its facts. The centre's own way back to its server is part of it.

Beside it, in outages of the same length, bare NATS: thirty leaf servers with the same settings below one, and behind
each a client of nats-py as it comes, which asks a client at the upper server until that answers.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from bench.facts import confirmed, on_record
from bench.leaves import leaves
from bench.nodes import started, topology, until
from bench.report import Figure, figure
from domain.shared.actors import Role
from sites import own_servers
from sites.demo.node import Node
from sites.demo.topology import CENTRE, COUNTRY, PLANS, Plan, Topology
from sites.desk import Desk
from sites.servers.nats import NatsServer
from sites.settings import read

SITES = tuple(f"post-{number:02}" for number in range(1, 31))
ROUNDS = 3
DOWN = 20.0  # seconds
AIM = 5.0  # seconds
_TOGETHER = 5  # sites that start at once
_WITHIN = 60.0  # seconds
_REGISTER = """mutation Register($input: VehicleRegisterInput!) {
  vehicleRegister(input: $input) { __typename ... on Problem { code message } }
}"""
_PLANS = {
    CENTRE: PLANS[CENTRE],
    **{code: Plan(code=code, role="site", parent=CENTRE, scopes=(COUNTRY, code)) for code in SITES},
}


async def measure() -> Sequence[Figure]:
    """Return seconds until the last site flows again, and the site in the middle."""
    async with topology("outage", _PLANS) as nodes, leaves(SITES) as bare, _serving(nodes) as ours:
        runs, beside = [], []
        for _ in range(ROUNDS):
            beside.append(await bare.outage(DOWN))
            runs.append(await ours.outage())
    return list(_figures(runs, beside))


def _figures(runs: Sequence[Sequence[float]], beside: Sequence[Sequence[float]]) -> Iterator[Figure]:
    for name, of, aim in (("all", max, AIM), ("half", statistics.median, None)):
        yield figure(
            f"{name} of {len(SITES)} sites flow again",
            [of(run) for run in runs],
            unit="s",
            better="lower",
            aim=aim,
            baseline=[of(run) for run in beside],
        )


@dataclass(frozen=True, slots=True)
class _Ours:
    server: NatsServer
    sites: Sequence[Node]
    desks: Sequence[Desk]

    async def outage(self) -> Sequence[float]:
        """Return for each site how many seconds after the return of the server it flows again."""
        await self.all_flow()
        await asyncio.to_thread(self.server.stop)
        await asyncio.sleep(DOWN / 2)
        await asyncio.gather(*map(_register, self.desks))
        await asyncio.sleep(DOWN / 2)
        self.server.start()
        return await self.all_flow()

    async def all_flow(self) -> Sequence[float]:
        """Put a fact on record at each site, and wait until its parent has them all; return how many seconds it took.

        Raises:
            TimeoutError: one does not flow.
        """
        begun = time.perf_counter()
        return await asyncio.gather(*(self._flows(*one, begun) for one in zip(self.sites, self.desks, strict=True)))

    async def _flows(self, site: Node, desk: Desk, begun: float) -> float:
        await _register(desk)
        total = on_record(site.database_file, site.code)
        await until(lambda: confirmed(site.database_file, site.code) >= total, _WITHIN)
        return time.perf_counter() - begun


async def _register(desk: Desk) -> None:
    wish = {"idempotencyKey": str(uuid4()), "lane": "lane-1", "direction": "inbound", "plate": "WX 12345"}
    await desk.ask(_REGISTER, wish)


@asynccontextmanager
async def _serving(nodes: Topology) -> AsyncIterator[_Ours]:
    """Give sites that run below a centre whose server is ours to stop."""
    told = nodes.nodes[CENTRE]
    server = own_servers.nats_server(read("central", told.environment), with_streams=True)
    centre = Node(told.plan, told.state, {**told.environment, "CAIFS_NATS_URL": server.start().client_url})
    try:
        centre.start()
        for place in range(0, len(SITES), _TOGETHER):
            await started(nodes, *SITES[place : place + _TOGETHER])
        desks = [nodes.desk(code, "bench", (Role.OFFICER,)) for code in SITES]
        yield _Ours(server, [nodes.nodes[code] for code in SITES], desks)
    finally:
        await asyncio.to_thread(nodes.stop)
        await asyncio.to_thread(centre.stop)
        server.stop()
