"""Whether the databases of all nodes are equal, by whatever is meant to be a copy."""

from collections.abc import Mapping, Sequence

from bus.catalogue import audit_of, feeds_of
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
    above it, and of both it must have nothing else. One that follows every feed must have what others send up, too, but
    for their audit trails.
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
        share, copied = _share(plans, code), _copied(plans, code)
        for over in above(plans, code):
            here, there = _events_of_both(held[code], held[over])
            theirs = there.part(share)
            found[f"{over} against {code}"] = differences(here.without(copied.nodes).up, theirs.up)
            others = differences(there.part(copied).up, here.part(copied).up)
            found[f"{code} against {over}"] = [*differences(theirs.down, here.down), *others]
    return found


def _events_of_both(here: Held, there: Held) -> tuple[Held, Held]:
    """Return what two databases hold without the events that one of them need not: below the floors of its logs."""
    floors = {log: max(each.floors.get(log, 0) for each in (here, there)) for log in {*here.floors, *there.floors}}
    return here.above(floors), there.above(floors)


def _share(plans: Mapping[str, Plan], code: str) -> Share:
    """Return a node's share of the nodes above it: what it sends up, and the feeds it follows."""
    scopes = plans[code].scopes
    sent = [each for each in plans if code in (each, *above(plans, each))]
    feeds = None if EVERY_FEED in scopes else sorted(feeds_of(scopes))
    return Share(nodes=[*sent, *map(audit_of, sent)], feeds=feeds)


def _copied(plans: Mapping[str, Plan], code: str) -> Share:
    """Return what a node that follows every feed has of the nodes that do not send through it."""
    if EVERY_FEED not in plans[code].scopes:
        return Share(nodes=[], feeds=[])
    return Share(nodes=[each for each in plans if code not in (each, *above(plans, each))], feeds=[])
