"""Sends the logs of one stream's channels to the parent, and knows whether the parent answers."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import structlog

from bus.link.arriving import Arriving
from bus.link.ascending import Ascending
from bus.link.follower import Follower
from bus.link.heartbeats import Say, seconds_ahead
from bus.link.messages import (
    Confirmations,
    Confirmed,
    Hello,
    Identity,
    MessageUnreadable,
    NotTaken,
    Welcome,
    decode,
    encode,
)
from bus.link.sending import Outlet
from bus.link.shares import SHARE
from bus.link.stopped import Stopped, StoppedLogs
from bus.link.wire import CHANNELS, Question, Stream, Unanswered, Unreachable
from bus.replication import LogId
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock

HELLO_EVERY: Final = 1.0
FIRST_HELLO_AGAIN: Final = 0.05
TICK_EVERY: Final = 0.25
MISSES_MAX: Final = 2
_MISSES_COUNTED: Final = 5

Relay = Callable[[str, list[Confirmed]], None]
"""Told (child, confirmations) what was heard of the centre about logs that arrive through a child."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireStatus:
    """How one connection towards the parent stands.

    Attributes:
        up: the parent answers.
        answered_at: when it did last; None: never since the start.
        forked: logs that the parent has another history of, or more than this node: they are being recovered.
        refused: the parent does not listen, because another process speaks for this node: a clone of it.
        clock_offset: seconds that the parent's clock is ahead of this node's; None: it never said.
        version: of the parent's program; empty: it never said.
    """

    stream: Stream
    up: bool
    answered_at: datetime | None
    forked: tuple[LogId, ...]
    refused: bool = False
    clock_offset: float | None = None
    version: str = ""


class Cloned(Exception):  # noqa: N818 - a state of the installation
    """The parent listens to another process that speaks for this node."""


class Uplink:
    """The logs of one stream on their way to the parent."""

    def __init__(
        self,
        stream: Stream,
        outlet: Outlet,
        ascending: Ascending,
        *,
        process: int,
        clock: Clock,
        relay: Relay,
        follower: Follower | None,
        arriving: Arriving | None,
        say: Say,
    ) -> None:
        """Send what is ``ascending`` over the wire of ``outlet``.

        ``follower`` and ``arriving`` hear of feeds on the same wire, ``say`` tells how we are, ``process`` tells this
        process from its clones.
        """
        self._stream = stream
        self._outlet = outlet
        self._ascending = ascending
        self._process = process
        self._clock = clock
        self._relay = relay
        self._follower = follower
        self._arriving = arriving
        self._say = say
        self._stopped = StoppedLogs(clock=clock, tasks=outlet.tasks)
        self._up = False
        self._refused = False
        self._misses = 0
        self._answered_at: datetime | None = None
        self._clock_offset: float | None = None
        self._version = ""

    @property
    def status(self) -> WireStatus:
        """How the connection stands."""
        return WireStatus(
            stream=self._stream,
            up=self._up,
            answered_at=self._answered_at,
            forked=self._ascending.differing,
            refused=self._refused,
            clock_offset=self._clock_offset,
            version=self._version,
        )

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """The logs that stand still because the parent cannot take them."""
        return self._stopped.all

    async def run(self) -> None:
        """Begin with what is held, then greet the parent every second; at first, and when it was lost, more often."""
        await self._ascending.begin()
        while True:
            await self._look()
            await self._greet()
            soon = FIRST_HELLO_AGAIN * 2 ** min(self._misses, _MISSES_COUNTED)
            await asyncio.sleep(HELLO_EVERY if self._up else min(soon, HELLO_EVERY))

    async def tick(self) -> None:
        """Tell every log that time passes."""
        now = asyncio.get_running_loop().time
        while True:
            self._ascending.tick(now())
            await asyncio.sleep(TICK_EVERY)

    def appended(self, log: LogId, last: int, via: str | None = None) -> None:
        """Events of a log up to ``last`` are committed here; ``via`` is the child they came through."""
        self._ascending.appended(log, last, via)

    def hear(self, data: bytes) -> None:
        """Take `Confirmations` from the parent."""
        try:
            word = decode(Confirmations, data)
        except MessageUnreadable as error:
            self._outlet.tasks.note("confirmations_unreadable", error=str(error))
            return
        self._confirmed(word.confirmed)
        for missing in word.missing:
            self._ascending.missing(missing.log, missing.expected, missing.generation)
        for diverged in word.diverged:
            self._ascending.diverged(diverged.log, diverged.at)
        for refusal in word.not_taken:
            self._not_taken(refusal)

    def _not_taken(self, word: NotTaken) -> None:
        """The parent has set aside what it was sent of a log: that is shown, and tried again now and then."""
        if self._ascending.not_taken(word):
            self._stopped.begin(word.log, word.at, f"the parent cannot take it: {word.reason}")
            self._stopped.keep(word.log)

    async def _look(self) -> None:
        try:
            await self._ascending.look()
            self._stopped.retain(self._ascending.sends)
        except Unavailable as refusal:
            self._outlet.tasks.note("heads_unknown", stream=self._stream, error=repr(refusal))

    async def _greet(self) -> None:
        hello = await self._hello()
        asked_at = self._clock.now()
        try:
            welcome = decode(Welcome, await self._outlet.wire.ask(Question.HELLO, encode(hello)))
        except (Unreachable, MessageUnreadable) as silence:
            self._missed(silence)
            return
        self._heard_of_parent(welcome, asked_at)
        self._refused = welcome.ruling is not None and welcome.ruling.refused
        if self._refused:
            self._missed(Cloned())
            return
        if welcome.ruling is not None:
            self._ascending.ruling(welcome.ruling.newest)
        unlisted = self._ascending.unlisted(welcome.confirmed, is_whole=len(welcome.confirmed) < SHARE)
        self._confirmed([*welcome.confirmed, *unlisted])
        self._answered()
        if self._follower is not None and bool(hello.feeds) is bool(self._follower.named):
            self._follower.see(welcome.heads, welcome.floors)
            self._refused_feeds(welcome)

    def _refused_feeds(self, welcome: Welcome) -> None:
        """Learn whether the parent gives snapshots, and which feeds it refuses."""
        if self._arriving is not None:
            self._arriving.hear(welcome.refused)

    def _heard_of_parent(self, welcome: Welcome, asked_at: datetime) -> None:
        """Learn how the parent is; its answer is taken to have left it halfway between the question and now."""
        self._version = welcome.version
        if welcome.now is not None:
            self._clock_offset = seconds_ahead(welcome.now, asked_at + (self._clock.now() - asked_at) / 2)

    async def _hello(self) -> Hello:
        """Return what to say; while it is not known how far the feeds are, nothing is said of them."""
        identity = Identity(self._ascending.epoch, self._process)
        hello = Hello(
            list(CHANNELS[self._stream]), identity=identity, health=self._say(), floors=self._ascending.lacking
        )
        if self._follower is None:
            return hello
        try:
            held = await self._follower.held()
            return msgspec.structs.replace(hello, feeds=list(self._follower.named), held=held)
        except Unavailable as refusal:
            self._outlet.tasks.note("heads_unknown", stream=self._stream, error=repr(refusal))
            return hello

    def _answered(self) -> None:
        self._misses = 0
        self._outlet.outflow.heard()
        self._answered_at = self._clock.now()
        if not self._up:
            self._up = True
            _log.info("parent_answers", stream=self._stream)
        self._ascending.up()

    def _missed(self, silence: Exception) -> None:
        """There was no answer. One that may wait behind what is on its way to the parent tells nothing."""
        if isinstance(silence, Unanswered) and self._outlet.outflow.is_laden:
            return
        self._misses += 1
        if self._up and self._misses == MISSES_MAX:
            self._up = False
            self._outlet.tasks.note("parent_silent", stream=self._stream, error=repr(silence))
            self._ascending.down()
            self._outlet.outflow.give_up()

    def _confirmed(self, words: Sequence[Confirmed]) -> None:
        for word in words:
            if word.receiver is not None:
                self._stopped.end(word.log, word.receiver.seq)
        for child, about in self._ascending.confirmed(words).items():
            self._relay(child, about)
