"""A site that moves below another parent, with what it has on record."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace

from sites.demo.node import Plan
from sites.demo.topology import CENTRE, REGION
from tests.chaos.cluster import Cluster


def may_move(plans: Mapping[str, Plan], code: str) -> bool:
    """Tell whether a site is below the centre at first, and has a region to move to."""
    return plans[code].role == "site" and plans[code].parent == CENTRE and REGION in plans


async def move_site(cluster: Cluster, code: str, seconds: float, _: float) -> None:
    """Take a site from the centre to the region, or back there.

    Its password goes from its parent and is entered at the other; both, and their brokers, are started anew for that.
    """
    plan = cluster.plans[code]
    after = REGION if plan.parent == CENTRE else CENTRE
    parents = [f"{part}:{parent}" for parent in (CENTRE, REGION) for part in ("nats", "node")]
    async with AsyncExitStack() as stack:
        for name in parents:
            await stack.enter_async_context(cluster.parts[name].held)
        for name in (f"node:{code}", f"nats:{code}", *parents):
            cluster.parts[name].kill()
        cluster.rearrange({**cluster.plans, code: replace(plan, parent=after)})
        await asyncio.sleep(seconds)
        for name in parents:
            await cluster.start(cluster.parts[name])
