"""Nodes are killed while traffic runs: whoever is left works on, and in the end everything is on record once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count

import httpx
import pytest

from sites.demo.book import Passing
from sites.demo.lag import Lag, Standings
from sites.demo.play import Play
from sites.demo.settling import settle
from sites.demo.show import AlarmHeard
from sites.demo.topology import Topology
from sites.demo.waiting import until
from tests.scenarios.crash import crash
from tests.scenarios.logs import logs_not_whole

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

RATE = 20.0
SEEDS = count(1)
ARRIVES_WITHIN = 60.0


class Witness:
    """Counts what it is shown, by the node that told of it."""

    def __init__(self) -> None:
        self.passings: Counter[str] = Counter()
        self.alarms: Counter[str] = Counter()

    def opened(self, topology: Topology, ready_seconds: float) -> None:
        pass

    def say(self, text: str) -> None:
        pass

    def passed(self, node: str, passing: Passing) -> None:  # noqa: ARG002 - as the show is told
        self.passings[node] += 1

    def alarmed(self, heard: AlarmHeard) -> None:
        if heard.change == "RAISED":
            self.alarms[heard.node] += 1

    def lags(self, lags: Mapping[str, Lag]) -> None:
        pass

    async def sees_more(self, node: str, passings: int = 30, alarms: int = 1) -> None:
        """Wait until a node has told of so much more."""
        passed, alarmed = self.passings[node] + passings, self.alarms[node] + alarms

        async def has() -> bool:
            return self.passings[node] >= passed and self.alarms[node] >= alarmed

        await until(has, f"{node} registers {passings} more and raises {alarms} alarms")


@asynccontextmanager
async def traffic(topology: Topology, http: httpx.AsyncClient) -> AsyncIterator[Witness]:
    """Let traffic run as long as the block; in the end everything is on record everywhere, once and in order."""
    witness, ending = Witness(), asyncio.Event()
    play = Play(topology, http, witness, rate=RATE, seed=next(SEEDS))
    listening = asyncio.create_task(play.listen())
    await play.prepare()
    acting = asyncio.create_task(play.run(ending))
    try:
        yield witness
        ending.set()
        await acting
    finally:
        acting.cancel()
        listening.cancel()
        await asyncio.gather(acting, listening, return_exceptions=True)
    await everything_is_on_record_once(topology, play)


async def everything_is_on_record_once(topology: Topology, play: Play) -> None:
    verdict = await settle(topology, play.book, Standings(topology), ARRIVES_WITHIN)
    assert (verdict.missing, verdict.doubled) == ([], [])
    assert [found for found in verdict.found.values() if found] == []
    assert [gap for node in topology.nodes.values() for gap in await logs_not_whole(node)] == []


async def test_sites_register_match_and_alarm_while_their_region_is_dead(
    topology: Topology, http: httpx.AsyncClient
) -> None:
    region = topology.nodes["lublin"]
    async with traffic(topology, http) as witness:
        await witness.sees_more("central")
        crash(region)
        await asyncio.gather(*(witness.sees_more(site.code) for site in topology.of_role("site")))
        region.start()
        await region.ready(http)
        await witness.sees_more("central")


async def test_a_site_that_is_killed_in_traffic_loses_and_doubles_nothing(
    topology: Topology, http: httpx.AsyncClient
) -> None:
    site = topology.nodes["koroszczyn"]
    async with traffic(topology, http) as witness:
        await witness.sees_more(site.code)
        crash(site)
        await witness.sees_more("dorohusk", passings=10)
        site.start()
        await site.ready(http)
        await witness.sees_more(site.code)


async def test_the_centre_catches_up_after_it_was_killed(topology: Topology, http: httpx.AsyncClient) -> None:
    centre = topology.nodes["central"]
    async with traffic(topology, http) as witness:
        await witness.sees_more("central")
        crash(centre)
        await witness.sees_more("lublin")
        centre.start()
        await centre.ready(http)
        await witness.sees_more("central")
