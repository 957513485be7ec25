"""Random schedules of the whole link: one seed, one run."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bus.link.wire import Stream
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import AlarmState
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import EntryState
from tests import samples
from tests.bus.link import virtual_time
from tests.bus.link.network import Broker
from tests.bus.link.nodes import Node
from tests.bus.link.simulation.checks import check, unlevel
from tests.bus.link.simulation.tracing import traced
from tests.bus.link.simulation.world import ALL, CENTRE, REGIONS, SITES, World

STEPS = 24
HEALED_WITHIN = 150
"""Seconds; a message whose settlement was lost comes again after thirty."""

Step = Callable[[World], Awaitable[None]]
Steps = tuple[tuple[float, Step], ...]


def _node(world: World) -> Node:
    return world.rng.choice(world.nodes[world.rng.choice((CENTRE, *SITES, *ALL))])


async def write(world: World) -> None:
    """Something happens at a node that runs."""
    node = _node(world)
    if node in world.down:
        return
    if node.code == CENTRE and world.rng.random() < 0.7:
        await _write_list(world, node)
        return
    many = world.rng.choice((1, 1, 2, 5, 40))
    alarms = [
        one.id for one in node.changes.tables.alarms.all() if one.node == node.code and one.state is AlarmState.RAISED
    ]
    kind = world.rng.choice(("facts", "facts", "alarm", "taken", "audit"))
    if kind == "alarm":
        await world.record(node, AlarmRaised(alarm=samples.alarm(node=node.code)))
    elif kind == "taken" and alarms:
        taken = AlarmAcknowledged(alarm_id=alarms[-1], acknowledged_by="jan", acknowledged_at=samples.MORNING)
        await world.record(node, taken)
    elif kind == "audit":
        await world.record(node, samples.audited())
    else:
        await world.record(node, *(samples.reading_taken() for _ in range(many)))


async def _write_list(world: World, centre: Node) -> None:
    """The list of the country grows, or somebody is sought no more."""
    active = [one for one in centre.changes.tables.entries.all() if one.state is EntryState.ACTIVE]
    if active and world.rng.random() < 0.3:
        await world.record(centre, replace(samples.withdrawn(active[-1].id), scope=active[-1].scope))
        return
    scope = world.rng.choice(("pl", "pl", *SITES))
    many = world.rng.randrange(1, 4)
    await world.record(centre, *(EntryActivated(entry=samples.entry(scope=scope)) for _ in range(many)))


async def wait(world: World) -> None:
    await asyncio.sleep(world.rng.choice((0.01, 0.1, 0.5, 2.0)))


async def settle(_: World) -> None:
    """All has time to come to rest, as far as it can."""
    await asyncio.sleep(6.0)


async def cut(world: World) -> None:
    world.network.cut ^= {world.rng.choice((*REGIONS, *SITES))}
    world.books.trace("cut are", *sorted(world.network.cut))


async def crash(world: World) -> None:
    """A process ends in the middle of its work; another follows, at once or later."""
    node = _node(world)
    if node in world.down:
        world.start(node)
        return
    await world.stop(node)
    if world.rng.random() < 0.7:
        world.start(node)


async def disturb(world: World) -> None:
    """Lines and databases get better or worse."""
    faults, rng = world.network.faults, world.rng
    faults.lost, faults.repeated = rng.choice((0.0, 0.1, 0.3)), rng.choice((0.0, 0.2))
    faults.delay, world.disk.slow = rng.choice((0.0, 0.05, 0.5)), rng.choice((0.0, 0.002, 0.05))
    world.disk.unavailable = rng.choice((0.0, 0.0, 0.02))
    world.books.trace(faults, world.disk.slow, world.disk.unavailable)


async def forget(world: World) -> None:
    """A broker loses what it had acknowledged, or hands out again what was settled."""
    node, stream = world.rng.choice((CENTRE, *REGIONS)), world.rng.choice(tuple(Stream))
    broker = world.network.broker(node, stream)
    harms: tuple[Callable[[Broker], None], ...] = (
        Broker.lose_everything,
        lambda one: one.lose_newest(2),
        lambda one: one.forget_settled(3),
    )
    world.rng.choice(harms)(broker)
    world.books.trace("the broker of", node, "forgets", stream)


WORK: Steps = ((12, write), (4, wait), (1.5, settle))
FAULTS: Steps = ((2, cut), (2, crash), (1.5, disturb), (1, forget))


@dataclass(frozen=True, slots=True)
class Campaign:
    """Schedules of one kind."""

    name: str
    faults: Steps = ()


CAMPAIGNS = {one.name: one for one in (Campaign("faults"),)}


def run(campaign: Campaign, seed: int, *, is_traced: bool = False) -> World:
    """Run one schedule, let the world heal, and return it. Each has its own mixture of work and faults."""
    return virtual_time.run(_played(campaign, seed, is_traced=is_traced))


async def _played(campaign: Campaign, seed: int, *, is_traced: bool) -> World:
    world = World(seed, is_traced=is_traced)
    with traced(world.books):
        await _play(world, campaign)
    return world


async def _play(world: World, campaign: Campaign) -> None:
    rng = world.rng
    for node in world.everybody():
        node.start()
    await asyncio.sleep(0.5)
    steps = [*WORK, *((weight * rng.random() ** 2, step) for weight, step in FAULTS + campaign.faults)]
    await disturb(world)
    for step in rng.choices([step for _, step in steps], [weight for weight, _ in steps], k=STEPS):
        await step(world)
        await asyncio.sleep(rng.random() * 0.3)
    await heal(world)
    for node in world.everybody():
        await node.stop()


async def heal(world: World) -> None:
    """Let the faults end: all must be level in time, and stay so, and then be as it has to be."""
    world.books.trace("--- healing")
    faults = world.network.faults
    faults.lost = faults.repeated = faults.delay = world.disk.slow = world.disk.unavailable = 0.0
    world.network.cut.clear()
    for code, nodes in world.nodes.items():
        if len(nodes) > 1:
            await world.end_clone(code)
    world.tell_of_moves()
    for node in tuple(world.down):
        world.start(node)
    end = asyncio.get_running_loop().time() + HEALED_WITHIN
    while unlevel(world):
        if asyncio.get_running_loop().time() > end:
            world.books.violated("did not heal", unlevel(world))
            return
        await asyncio.sleep(0.5)
    check(world)


def wrong_in(name: str, seeds: range) -> dict[int, dict[str, str]]:
    """Return what is wrong in the schedules of a campaign, by seed."""
    return {seed: wrong for seed in seeds if (wrong := run(CAMPAIGNS[name], seed).books.wrong)}
