"""Centre, region, a post with its devices, and a patrol."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from domain.shared.actors import Role
from sites.demo.papers import Travellers
from sites.demo.topology import CENTRE, COUNTRY, REGION, Plan, Topology
from sites.demo.waiting import until
from sites.demo.wanted import approve, submit
from sites.desk import Desk
from tests.scenarios.checkpoint import LANE, Checkpoint, checkpoint
from tests.scenarios.everything import is_known
from tests.scenarios.officer import Officer

SITE, PATROL = "koroszczyn", "patrol-7"
PLANS = {
    CENTRE: Plan(code=CENTRE, role="central", parent=None),
    REGION: Plan(code=REGION, role="region", parent=CENTRE, scopes=("*",)),
    SITE: Plan(code=SITE, role="site", parent=REGION, scopes=(COUNTRY, REGION, SITE)),
    PATROL: Plan(code=PATROL, role="site", parent=REGION, scopes=(COUNTRY, REGION, PATROL)),
}
FOLLOW = "subscription Crossings { crossings { change crossing { id node } } }"
REASON = ("Person sought for questioning", "DETAIN", 1, "Lead to the second line.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Centre, region, a post with its devices, and a patrol."""

    topology: Topology
    http: httpx.AsyncClient
    checkpoint: Checkpoint
    travellers: Travellers

    def officer(self, name: str, site: str = SITE) -> Officer:
        return Officer(self.topology.desk(site, name, (Role.OFFICER,)), site, LANE)

    @property
    def centre(self) -> Desk:
        """Somebody who looks at what arrives at the centre."""
        return self.topology.desk(CENTRE, "olga", (Role.OFFICER,))

    async def seek(self, kind: str, value: str, country: str, site: str = SITE) -> str:
        """Have something sought in the whole country, and wait until a site knows; return the entry's id."""
        author, approver = (self.topology.desk(CENTRE, name, (Role.ANALYST,)) for name in ("bogdan", "celina"))
        entry_id = await submit(author, COUNTRY, REASON, [{"kind": kind, "value": value, "country": country}])
        await approve(approver, entry_id)
        analyst = self.topology.desk(site, "bogdan", (Role.ANALYST,))
        await until(partial(is_known, analyst, entry_id), f"the entry is live at {site}")
        return entry_id

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[Sequence[tuple[str, str, str]]]:
        """Follow what is done with crossings as the centre comes to know it: site, crossing, act."""
        told: list[tuple[str, str, str]] = []

        async def follow() -> None:
            async for news in self.centre.follow(FOLLOW):
                crossing = news["crossings"]["crossing"]
                told.append((crossing["node"], crossing["id"], news["crossings"]["change"]))

        async def is_heard() -> bool:
            await self.officer("anna").open("SOC_P", {})
            return bool(told)

        following = asyncio.create_task(follow())
        try:
            await until(is_heard, "a crossing of the post is heard of at the centre")
            yield told
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


@asynccontextmanager
async def at_the_border(http: httpx.AsyncClient) -> AsyncIterator[Border]:
    """Have all run as long as the block."""
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-subsystems-")), http, PLANS)
    try:
        topology.start()
        await topology.ready()
        devices = await checkpoint(topology, http, SITE)
        yield Border(topology=topology, http=http, checkpoint=devices, travellers=Travellers(SITE, 4))
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)
