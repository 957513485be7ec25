"""Random schedules: one seed, one run."""

import random
from collections.abc import Callable

from tests.bus.replication.hop import Hop
from tests.bus.replication.world import World

STEPS = 200
HEALED_WITHIN = 20

Step = Callable[[World, Hop, random.Random], object]


def _pick(rng: random.Random) -> int:
    return rng.randrange(64)


# What happens when all is well: weight, step.
WORK: list[tuple[int, Step]] = [
    (3, lambda world, _, rng: world.write(rng.randrange(1, 4))),
    (6, lambda _, hop, rng: hop.effects and hop.carry_out(rng.randrange(1, 6))),
    (4, lambda _, hop, rng: hop.flying and hop.arrive(_pick(rng))),
    (3, lambda _, hop, rng: hop.outcomes and hop.learn(_pick(rng))),
    (4, lambda _, hop, __: hop.unread and hop.consume()),
    (4, lambda _, hop, rng: hop.answers and hop.hear(_pick(rng))),
    (1, lambda _, hop, __: hop.beacon()),
    (1, lambda world, _, rng: world.tick(rng.choice((0.1, 1.0, 5.0)))),
    (1, lambda _, hop, __: hop.sync()),
]
FAULTS: list[tuple[int, Step]] = [
    (2, lambda _, hop, rng: hop.flying and hop.drop(_pick(rng))),
    (2, lambda _, hop, rng: hop.flying and hop.repeat(_pick(rng))),
    (2, lambda _, hop, rng: hop.flying and hop.arrive(_pick(rng), answered=False)),
    (1, lambda _, hop, __: hop.answers and hop.answers.pop()),
    (1, lambda _, hop, __: hop.unread and hop.consume(crash=True)),
    (1, lambda _, hop, rng: hop.power_failure(ahead=rng.random() < 0.3)),
    (1, lambda _, hop, rng: hop.jump(rng.randrange(-3, 4))),
    (1, lambda _, hop, __: hop.restart()),
    (1, lambda _, hop, __: hop.cut()),
    (2, lambda _, hop, __: hop.connect()),
    (1, lambda _, hop, __: hop.known_ids.clear()),
]
RESTORE_RELAY: list[tuple[int, Step]] = [
    (1, lambda world, _, __: world.back_up(1)),
    (1, lambda world, _, __: world.restore(1)),
]
RESTORE_ORIGIN: list[tuple[int, Step]] = [
    (1, lambda world, _, __: world.back_up(0)),
    (1, lambda world, _, __: world.restore(0)),
]


def run(seed: int, world: World, faults: list[tuple[int, Step]]) -> set[str]:
    """Run one schedule, let the world heal, and say what is wrong. Each has its own mixture of writes and faults."""
    rng = random.Random(seed)  # noqa: S311 - a schedule, no secret
    steps = WORK + faults
    weights = [weight * (3 if number < len(WORK) else rng.random() ** 2) for number, (weight, _) in enumerate(steps)]
    weights[0] *= rng.random()
    for _, step in rng.choices(steps, weights, k=STEPS * len(world.hops)):
        step(world, rng.choice(world.hops), rng)
    return world.heal(HEALED_WITHIN)
