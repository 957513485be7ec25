"""When all that is on record has arrived wherever it goes."""

from functools import partial

from sites.demo.lag import Standings, on_their_way
from sites.demo.topology import Topology
from sites.demo.waiting import until


async def has_come(topology: Topology) -> None:
    """Wait until everything has arrived."""
    await until(partial(_has_come, topology, Standings(topology)), "everything has arrived")


async def _has_come(topology: Topology, standings: Standings) -> bool:
    plans = {code: node.plan for code, node in topology.nodes.items()}
    return not on_their_way(plans, await standings.logs())
