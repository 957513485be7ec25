"""Random schedules of the whole link: one seed, one run."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from bus.link.wire import Stream
from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.alarms.model import AlarmState
from domain.erasure.commands import Erase
from domain.erasure.errors import EntryStillSought, NothingToErase
from domain.erasure.handlers import erase as erased
from domain.registrations.events import Registered
from domain.shared.actors import system
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import EntryState
from tests import samples
from tests.bus.link import virtual_time
from tests.bus.link.network import Broker
from tests.bus.link.nodes import Node, back_up
from tests.bus.link.simulation.checks import check, unlevel
from tests.bus.link.simulation.tracing import traced
from tests.bus.link.simulation.world import ALL, CENTRE, REGIONS, SITES, World

STEPS = 24
HEALED_WITHIN = 150
"""Seconds; a message whose settlement was lost comes again after thirty."""
QUIET_FOR = 3.0
"""Seconds."""

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
    kind = world.rng.choice(("facts", "facts", "alarm", "taken", "audit", "person"))
    if kind == "person":
        await _write_person(world, node)
    elif kind == "alarm":
        await world.record(node, AlarmRaised(alarm=samples.alarm(node=node.code)))
    elif kind == "taken" and alarms:
        taken = AlarmAcknowledged(alarm_id=alarms[-1], acknowledged_by="jan", acknowledged_at=samples.MORNING)
        await world.record(node, taken)
    elif kind == "audit":
        await world.record(node, samples.audited())
    else:
        await world.record(node, *(samples.reading_taken() for _ in range(many)))


async def _write_person(world: World, node: Node) -> None:
    """Somebody is registered, or something more is said of somebody who was."""
    known = [one for one in node.changes.tables.registrations.all() if one.node == node.code]
    if known and world.rng.random() < 0.5:
        one = known[-1]
        await world.record(node, samples.rescreened(one), samples.reading_taken(registration_id=one.id))
    else:
        one = samples.registration(node=node.code, traveller=samples.traveller())
        await world.record(node, Registered(registration=one))
    if world.rng.random() < 0.5:
        await world.record(node, AlarmRaised(alarm=samples.alarm(node=node.code, registration_id=one.id)))


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


async def keep(world: World) -> None:
    """A backup is made of a database."""
    node = _node(world)
    world.backups[node.code].append(back_up(node))


def restore(*codes: str) -> Step:
    """Return the step that puts the database of one of these back to a backup, mostly the last, or to nothing."""

    async def restored(world: World) -> None:
        rng, code = world.rng, world.rng.choice(codes)
        node, backups = rng.choice(world.nodes[code]), world.backups[code]
        if node not in world.down:
            await world.stop(node)
        chance = rng.random()
        world.restore(node, backups[0] if chance < 0.15 else backups[-1] if chance < 0.7 else rng.choice(backups))
        if rng.random() < 0.5:
            await world.record(node, samples.reading_taken(), AlarmRaised(alarm=samples.alarm(node=code)))
        if rng.random() < 0.8:
            world.start(node)

    return restored


async def clone(world: World) -> None:
    """A second process begins to speak for a site, or one of both ends."""
    code = world.rng.choice(SITES)
    if len(world.nodes[code]) > 1:
        await world.end_clone(code)
    else:
        world.clone(code)


async def move(world: World) -> None:
    """A site gets another parent; the former one is told of it sooner or later."""
    code = world.rng.choice(SITES)
    others = [one for one in (*REGIONS, *REGIONS, CENTRE) if one != world.parents[code]]
    if len(world.nodes[code]) == 1:
        await world.move(code, world.rng.choice(others))
    if world.rng.random() < 0.7:
        world.tell_of_moves()


async def erase(world: World) -> None:
    """The centre erases somebody, or an entry that is not sought any more."""
    (centre,) = world.nodes[CENTRE]
    if centre in world.down:
        return
    tables = centre.changes.tables
    found = [one.id for one in tables.registrations.all()]
    found += [one.id for one in tables.entries.all() if one.state is EntryState.WITHDRAWN]
    if found:
        command = Erase(ids=(world.rng.choice(found),), reason="x", legal_basis="art. 17")
        with suppress(NothingToErase, EntryStillSought):
            await centre.changes.run(system(CENTRE), lambda change: erased(command, change))
            world.books.trace("erased is", *command.ids)


async def jump(world: World) -> None:
    """The clock of a node is set: ahead, behind, or right again."""
    node = _node(world)
    node.clock.ahead = timedelta(hours=world.rng.choice((0, 0, 1, 24, -1)))
    world.books.trace("the clock of", node.code, "is ahead by", node.clock.ahead)


WORK: Steps = ((12, write), (4, wait), (1.5, settle))
FAULTS: Steps = ((2, cut), (2, crash), (1.5, disturb), (1, forget))

MOVES: Steps = ((3, move),)
CLONES: Steps = ((3, clone),)
CLOCKS: Steps = ((4, jump),)
ERASURES: Steps = ((4, erase),)


def restores(*codes: str) -> Steps:
    return (6, keep), (8, restore(*codes))


@dataclass(frozen=True, slots=True)
class Campaign:
    """Schedules of one kind."""

    name: str
    faults: Steps = ()


CAMPAIGNS = {
    one.name: one
    for one in (
        Campaign("faults"),
        Campaign("restores", restores(*ALL)),
        Campaign("clones", (*CLONES, *restores(*SITES))),
        Campaign("moves", MOVES),
        Campaign("erasures", (*ERASURES, *restores(*ALL))),
        Campaign("clocks", (*CLOCKS, *restores(CENTRE, *REGIONS))),
        Campaign("all", (*CLOCKS, *MOVES, *CLONES, *ERASURES, *restores(*ALL))),
    )
}


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
        world.start(node)
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
    while unlevel(world) or not await _is_quiet(world):
        if asyncio.get_running_loop().time() > end:
            world.books.violated("did not heal", unlevel(world) or "never quiet")
            return
        await asyncio.sleep(0.5)
    for node in world.everybody():
        await node.changes.run(system(node.code), lambda change: change.held_events.replay_waiting(0, 1_000))
    check(world)


async def _is_quiet(world: World) -> bool:
    """Tell whether for a while nobody sends anything, nor does any log begin anew."""
    before = _sent(world)
    await asyncio.sleep(QUIET_FOR)
    return _sent(world) == before


def _sent(world: World) -> list[int]:
    uplinks = [wire for node in world.everybody() if node.code != CENTRE for wire in (node.bulk, node.alarms)]
    return [len(wire.sent) for wire in uplinks]


def wrong_in(name: str, seeds: range) -> dict[int, dict[str, str]]:
    """Return what is wrong in the schedules of a campaign, by seed."""
    return {seed: wrong for seed in seeds if (wrong := run(CAMPAIGNS[name], seed).books.wrong)}
