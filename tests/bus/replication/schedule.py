"""Random schedules: one seed, one run."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bus.replication.lines import Line, Stream
from tests.bus.replication.process import Process
from tests.bus.replication.world import CENTRE, FEED, POST, REGION, SHIPPED, SITE, Parts, World

STEPS = 160

Step = Callable[[World], object]


def _pick(world: World) -> int:
    """Mostly the oldest of what is under way, sometimes one that overtakes it."""
    return 0 if world.rng.random() < 0.6 else world.rng.randrange(64)


def _process(world: World) -> Process:
    return world.rng.choice(world.processes[world.rng.choice((CENTRE, REGION, SITE, POST))])


def _line(world: World) -> Line:
    return world.lines[world.rng.choice((REGION, SITE, POST))]


def go_on(world: World) -> None:
    """Some of what can happen happens."""
    for _ in range(world.rng.randrange(4, 16)):
        process, line = _process(world), _line(world)
        if process.ready:
            process.go_on(_pick(world))
        if line.moving:
            world.move(line, _pick(world))
        for stream in Stream:
            broker = world.brokers.get((process.store.node, stream))
            if broker is not None and broker.unread and world.rng.random() < world.pace:
                process.consume(broker, world.rng.randrange(1, 4))


def write(world: World) -> None:
    node = world.rng.choice((SITE, SITE, SITE, POST, REGION, CENTRE))
    channel = FEED if node == CENTRE else world.rng.choice(("facts", "facts", "alarms"))
    world.write(node, channel, world.rng.randrange(1, 5))


def write_lists(world: World) -> None:
    node = world.rng.choice((CENTRE, CENTRE, CENTRE, SITE))
    world.write(node, FEED if node == CENTRE else "facts", world.rng.randrange(1, 5))


def lose(world: World) -> None:
    line = _line(world)
    if line.moving:
        world.lose(line, _pick(world), arrives=world.rng.random() < 0.5)


def repeat(world: World) -> None:
    line = _line(world)
    if line.moving:
        world.move(line, _pick(world), repeated=True)


def _broker(world: World) -> tuple[str, Stream]:
    return world.rng.choice((CENTRE, REGION)), world.rng.choice(tuple(Stream))


def restore(world: World, nodes: tuple[str, ...]) -> None:
    node = world.rng.choice(nodes)
    process = world.rng.choice(world.processes[node])
    if world.rng.random() < 0.15:
        world.wipe(process)
    elif world.rng.random() < 0.6:
        world.restore(process, world.backups[node][-1])
    else:
        world.restore(process, world.rng.choice(world.backups[node]))
    if node != CENTRE and world.rng.random() < 0.5:
        world.write(node, "facts", world.rng.randrange(1, 4))


def back_up(world: World, nodes: tuple[str, ...]) -> None:
    node = world.rng.choice(nodes)
    world.backups[node].append(world.rng.choice(world.processes[node]).store.copy())


def jump(world: World) -> None:
    """The clock of a node is set: ahead, behind, or right again."""
    process, ahead = _process(world), world.rng.choice((0.0, 0.0, 60.0, 3600.0, -3600.0))
    world.set_clock(process.store.node, ahead)
    world.books.trace("the clock of", process, "is set to be ahead by", ahead)


def _settle(world: World) -> None:
    """All is well for a while."""
    for _ in range(world.rng.randrange(1, 6)):
        world.tick(1.0)
        for process in world.everybody():
            process.greet()
        for _ in range(12):
            go_on(world)


# What happens when all is well, and what harms: weight, step.
WORK: tuple[tuple[float, Step], ...] = (
    (40, go_on),
    (14, lambda world: _process(world).greet()),
    (10, lambda world: world.tick(world.rng.choice((0.1, 1.0, 1.0, 5.0)))),
    (5, lambda world: _process(world).write_ledger()),
    (2, lambda world: world.brokers[_broker(world)].sync()),
    (1.5, _settle),
)
FAULTS: tuple[tuple[float, Step], ...] = (
    (6, lose),
    (6, repeat),
    (3, lambda world: world.crash(_process(world))),
    (2, lambda world: setattr(_line(world), "is_cut", True)),
    (4, lambda world: setattr(_line(world), "is_cut", False)),
    (2, lambda world: world.brokers[_broker(world)].power_failure(ahead=world.rng.random() < 0.3)),
    (2, lambda world: world.brokers[_broker(world)].jump(world.rng.randrange(-3, 4))),
    (1, lambda world: world.brokers[_broker(world)].redeliver()),
    (1, lambda world: world.brokers[_broker(world)].forget_ids()),
)
CLONES: tuple[tuple[float, Step], ...] = (
    (2, lambda world: world.clone(world.rng.choice((SITE, POST)))),
    (1, lambda world: world.end_clone(world.rng.choice((SITE, POST)))),
)


CLOCKS: tuple[tuple[float, Step], ...] = (
    (8, jump),
    (6, lambda world: back_up(world, (CENTRE,))),
    (4, lambda world: CENTRE in world.restored or restore(world, (CENTRE,))),
)


def restores(*nodes: str) -> tuple[tuple[float, Step], ...]:
    return (6, lambda world: back_up(world, nodes)), (6, lambda world: restore(world, nodes))


@dataclass(frozen=True, slots=True)
class Campaign:
    """Schedules of one kind."""

    name: str
    faults: tuple[tuple[float, Step], ...] = ()
    writes: Step = write


CAMPAIGNS = {
    one.name: one
    for one in (
        Campaign("faults"),
        Campaign("sites", restores(SITE, POST)),
        Campaign("region", restores(REGION)),
        Campaign("below", restores(SITE, REGION, POST)),
        Campaign("centre", restores(CENTRE)),
        Campaign("all", restores(SITE, REGION, POST, CENTRE)),
        Campaign("clones", (*CLONES, *restores(SITE, POST))),
        Campaign("clocks", CLOCKS, write_lists),
    )
}


def run(campaign: Campaign, seed: int, parts: Parts = SHIPPED, *, is_traced: bool = False) -> World:
    """Run one schedule, let the world heal, and return it. Each has its own mixture of writes and faults."""
    world = World(seed, parts, is_traced=is_traced)
    rng = world.rng
    faults = FAULTS + campaign.faults
    steps = [campaign.writes, *(step for _, step in WORK + faults)]
    weights = [
        10 * rng.random(),
        *(weight for weight, _ in WORK),
        *(weight * rng.random() ** 2 for weight, _ in faults),
    ]
    for step in rng.choices(steps, weights, k=STEPS):
        step(world)
        if world.books.wrong:
            return world
    world.heal()
    return world


def wrong_in(name: str, seeds: range) -> dict[int, dict[str, str]]:
    """Return what is wrong in the schedules of a campaign, by seed."""
    return {seed: wrong for seed in seeds if (wrong := run(CAMPAIGNS[name], seed).books.wrong)}
