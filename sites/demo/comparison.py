"""Whether the databases of all nodes are equal, by whatever is meant to be a copy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bus.catalogue import AUDIT, audit_of, feeds_of
from bus.link.messages import EVERY_FEED
from sites.demo.node import Plan, above
from sites.demo.topology import Topology
from sites.equality.chains import broken_chains
from sites.equality.copies import Held, Share, read
from sites.equality.differences import Difference, Tables, differences
from sites.equality.replay import not_as_logged
from sites.equality.stored import stored
from sites.equality.trails import Came, Place, due, outrun


async def compare(topology: Topology) -> Mapping[str, Sequence[Difference]]:
    """Return what each node has otherwise than it must, by what was compared.

    A node must have what its own logs say. What it sends up and the feeds it follows must be the same at all nodes
    above it, and of both it must have nothing else. One that follows every feed must have what others send up, too, but
    for their audit trails. Of the audit trail of a site that moved a region must have what came through it, and have it
    as the centre does.
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
        share, copied = _share(plans, held, code), _copied(plans, code)
        for over in above(plans, code):
            here, there = _trails_of_both(plans, held, code, over)
            theirs = there.part(share)
            found[f"{over} against {code}"] = differences(here.without(copied.nodes).up, theirs.up)
            others = differences(there.part(copied).up, here.part(copied).up)
            found[f"{code} against {over}"] = [*differences(theirs.down, here.down), *others]
    return found


def _events_of_both(here: Held, there: Held) -> tuple[Held, Held]:
    """Return what two databases hold without the events that one of them need not: below the floors of its logs."""
    floors = {log: max(each.floors.get(log, 0) for each in (here, there)) for log in {*here.floors, *there.floors}}
    return here.above(floors), there.above(floors)


def _trails_of_both(plans: Mapping[str, Plan], held: Mapping[str, Held], code: str, over: str) -> tuple[Held, Held]:
    """Return what a node and one above it hold without what of audit trails one of them was not bound to get."""
    here, there = _events_of_both(held[code], held[over])
    below, beyond = _from_below(plans, held, code), _from_beyond(plans, held, over)
    longer = outrun(here.trails, there.trails, below)
    ups = due(here.up, here.trails, there.up, beyond), due(there.up, there.trails, here.up, below)
    mine, theirs = (replace(one, up=_without_logs(up, longer)) for one, up in zip((here, there), ups, strict=True))
    return mine, theirs


def _without_logs(tables: Tables, names: Collection[str]) -> Tables:
    return {**tables, "log": {name: row for name, row in tables["log"].items() if name not in names}}


def _from_below(plans: Mapping[str, Plan], held: Mapping[str, Held], code: str) -> Came:
    """Return what tells of an event that a node above has whether this one must: it came through it, or comes now.

    Of a site's own it is what came through its parent, for that gives it back what it lost.
    """

    def came(place: Place) -> bool:
        (name, seq), origin = place, place[0].partition("/")[0]
        if origin not in plans:
            return True
        newest = f"{origin}/{held[origin].trails.newest.get(origin)}/{AUDIT}"
        goes_on = name == newest and code in (origin, *above(plans, origin))
        reach = held[(plans[code].parent if code == origin else None) or code].trails.logs.get(name)
        if reach is None:
            return goes_on
        return (goes_on or seq <= reach.head) and (code == origin or seq > reach.floor)

    return came


def _from_beyond(plans: Mapping[str, Plan], held: Mapping[str, Held], over: str) -> Came:
    """Return what tells of an event that a node below has whether this one must: the centre always must."""

    def came(place: Place) -> bool:
        name, seq = place
        reach = None if plans[over].parent is None else held[over].trails.logs.get(name)
        return reach is None or seq > reach.floor

    return came


def _share(plans: Mapping[str, Plan], held: Mapping[str, Held], code: str) -> Share:
    """Return a node's share of the nodes above it: what it sends up or sent once, and the feeds it follows."""
    scopes = plans[code].scopes
    sent = [each for each in plans if code in (each, *above(plans, each))]
    feeds = None if EVERY_FEED in scopes else sorted(feeds_of(scopes))
    return Share(nodes=[*sent, *map(audit_of, [*sent, *_former(plans, held, code)])], feeds=feeds)


def _former(plans: Mapping[str, Plan], held: Mapping[str, Held], code: str) -> Sequence[str]:
    """Return the nodes that have moved away from below a region: their audit trails came here from below."""
    logs = held[code].trails.logs.values()
    from_above = {log.origin for log in logs if log.via == plans[code].parent}
    return [each for each in _copied(plans, code).nodes if each not in from_above]


def _copied(plans: Mapping[str, Plan], code: str) -> Share:
    """Return what a node that follows every feed has of the nodes that do not send through it."""
    if EVERY_FEED not in plans[code].scopes:
        return Share(nodes=[], feeds=[])
    return Share(nodes=[each for each in plans if code not in (each, *above(plans, each))], feeds=[])
