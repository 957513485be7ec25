"""Whether the databases of all nodes are equal, by whatever is meant to be a copy."""

from collections.abc import Mapping, Sequence

from bus.catalogue import feeds_of
from bus.link.messages import EVERY_FEED
from sites.demo.node import Plan, above
from sites.demo.topology import Topology
from sites.equality.chains import broken_chains
from sites.equality.copies import Held, Share, read
from sites.equality.differences import Difference, differences
from sites.equality.replay import not_as_logged
from sites.equality.stored import stored


async def compare(topology: Topology) -> Mapping[str, Sequence[Difference]]:
    """Return what each node has otherwise than it must, by what was compared.

    A node must have what its own logs say. What it sends up and the feeds it follows must be the same at all nodes
    above it, and of both it must have nothing else.
    """
    plans = {code: node.plan for code, node in topology.nodes.items()}
    held: dict[str, Held] = {}
    found: dict[str, Sequence[Difference]] = {}
    for code, node in topology.nodes.items():
        async with stored(node.database) as database:
            held[code] = await read(database)
            broken, astray = await broken_chains(database), await not_as_logged(database, held[code])
            found[f"{code} against its own logs"] = [*broken, *astray]
    for code in plans:
        for over in above(plans, code):
            theirs = held[over].part(_share(plans, code))
            found[f"{over} against {code}"] = differences(held[code].up, theirs.up)
            found[f"{code} against {over}"] = differences(theirs.down, held[code].down)
    return found


def _share(plans: Mapping[str, Plan], code: str) -> Share:
    """Return a node's share of the nodes above it: what it sends up, and the feeds it follows."""
    scopes = plans[code].scopes
    return Share(
        nodes=[each for each in plans if code in (each, *above(plans, each))],
        feeds=None if EVERY_FEED in scopes else sorted(feeds_of(scopes)),
    )
