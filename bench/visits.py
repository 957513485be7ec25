"""What visits cost: a terminal's day of 1,000 lorries at a site, from the dispatcher to the commit.

Beside it the same readings at a site without legs, where there are no visits; and how much longer a reading takes at
the end of the day, with 1,000 visits on record, than at its beginning.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapters.devices.formats import FORMATS
from bench.books import fill_site, site_in_process
from bench.nodes import STATE
from bench.report import Figure, figure
from bench.series import SITE
from bus.dispatcher import Dispatcher
from domain.organisation.events import CheckpointSet, Device, DeviceEnrolled, LegSet
from domain.organisation.model import View, digest
from domain.registrations.commands import TakeReadings
from domain.registrations.readings import Push
from domain.shared.actors import Actor, Role
from domain.shared.messages import Event
from sites.days.lorries import Said, draw
from sites.days.terminal import Post, checkpoints, legs, posts
from sites.days.terminal_devices import shot
from sites.servers.folders import remove_state

LORRIES = 1_000
SEED = 1
TOGETHER = 12
_PARTS = 10
_CAMERA = frozenset({Role.DEVICE})


@dataclass(frozen=True, slots=True)
class Tenth:
    """Of a day: how many readings, in how many seconds, and for how many of these processors worked."""

    readings: int
    seconds: float
    worked: float


async def measure() -> Sequence[Figure]:
    """Return the rate over the day, and for how long processors work for a reading: over the day, and at its end."""
    async with _terminal("visits", list(_ways())) as dispatcher:
        day = await _day(dispatcher)
    async with _terminal("no-visits", []) as dispatcher:
        bare = await _day(dispatcher)
    name = f"{LORRIES} lorries"
    return [
        figure(name, [_per_second(day)], unit="readings/s", better="higher", baseline=[_per_second(bare)]),
        figure(f"{name}, work", [_work(day)], unit="µs/reading", better="lower", baseline=[_work(bare)]),
        figure(
            f"{name}, work, last tenth beside the first",
            [_work(day[-1:])],
            unit="µs/reading",
            better="lower",
            baseline=[_work(day[:1])],
        ),
    ]


def _per_second(tenths: Sequence[Tenth]) -> float:
    return sum(one.readings for one in tenths) / sum(one.seconds for one in tenths)


def _work(tenths: Sequence[Tenth]) -> float:
    return sum(one.worked for one in tenths) / sum(one.readings for one in tenths) * 1e6


@asynccontextmanager
async def _terminal(name: str, ways: Sequence[Event]) -> AsyncIterator[Dispatcher]:
    state = STATE / name
    if state.exists():
        remove_state(state)
    try:
        await fill_site(state, more=[*ways, *_devices()])
        async with site_in_process(state) as dispatcher:
            yield dispatcher
    finally:
        remove_state(state)


async def _day(dispatcher: Dispatcher) -> Sequence[Tenth]:
    """Take all that devices say, a few at once."""
    commands = [_command(said) for said in _said()]
    size = -(-len(commands) // _PARTS)
    return [await _take(commands[start : start + size], dispatcher) for start in range(0, len(commands), size)]


async def _take(commands: Sequence[TakeReadings], dispatcher: Dispatcher) -> Tenth:
    waiting = iter(commands)

    async def worker() -> None:
        for command in waiting:
            await dispatcher.dispatch(command, Actor(name=command.device, roles=_CAMERA))

    began, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(TOGETHER)))
    return Tenth(len(commands), time.perf_counter() - began, time.process_time() - worked)


def _said() -> Sequence[Said]:
    return draw(SEED, LORRIES, _NOW).said


def _command(said: Said) -> TakeReadings:
    told = shot(said)
    content = FORMATS[_FORMS[said.device]].read(Push(content_type=told.content_type, body=told.body))
    return TakeReadings.of(content, said.device, said.heard_at)


def _ways() -> Iterator[Event]:
    for checkpoint in checkpoints():
        yield CheckpointSet(checkpoint=replace(checkpoint, site=SITE), set_by="bench", set_at=_NOW)
    for leg in legs():
        yield LegSet(leg=replace(leg, site=SITE), set_by="bench", set_at=_NOW)


def _devices() -> Iterator[Event]:
    for post in posts():
        yield DeviceEnrolled(device=_device(post))


def _device(post: Post) -> Device:
    return Device(
        code=post.code,
        site=SITE,
        lane=f"{post.direction}-1",
        checkpoint=post.checkpoint,
        direction=post.direction,
        format=post.format,
        key_digest=digest(post.code),
        view=View(post.view),
    )


_NOW = datetime.now(UTC).replace(microsecond=0)
_FORMS = {post.code: post.format for post in posts()}
