"""Sends the logs of one stream's channels to the parent, and knows whether the parent answers."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import structlog

from bus.link.follower import Follower
from bus.link.heartbeats import Say, seconds_ahead
from bus.link.messages import Confirmations, Confirmed, Hello, MessageUnreadable, NotTaken, Welcome, decode, encode
from bus.link.sending import Outlet, Sending
from bus.link.stopped import Stopped, StoppedLogs
from bus.link.wire import CHANNELS, Question, Stream, Unreachable
from bus.replication import START, LogId, Position, Sender
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
        forked: logs that the parent has another history of.
        clock_offset: seconds that the parent's clock is ahead of this node's; None: it never said.
        version: of the parent's program; empty: it never said.
    """

    stream: Stream
    up: bool
    answered_at: datetime | None
    forked: tuple[LogId, ...]
    clock_offset: float | None = None
    version: str = ""


class Uplink:
    """The logs of one stream on their way to the parent."""

    def __init__(
        self, stream: Stream, outlet: Outlet, *, clock: Clock, relay: Relay, follower: Follower | None, say: Say
    ) -> None:
        """Send over the wire of ``outlet``; ``follower`` hears of feeds on the same wire, ``say`` tells how we are."""
        self._stream = stream
        self._outlet = outlet
        self._clock = clock
        self._relay = relay
        self._follower = follower
        self._say = say
        self._stopped = StoppedLogs(clock=clock, tasks=outlet.tasks)
        self._sendings: dict[LogId, Sending] = {}
        self._noted: dict[LogId, tuple[int, str | None]] = {}
        self._begun = False
        self._up = False
        self._misses = 0
        self._answered_at: datetime | None = None
        self._clock_offset: float | None = None
        self._version = ""

    @property
    def status(self) -> WireStatus:
        """How the connection stands."""
        forked = tuple(log for log, sending in self._sendings.items() if sending.forked)
        return WireStatus(
            stream=self._stream,
            up=self._up,
            answered_at=self._answered_at,
            forked=forked,
            clock_offset=self._clock_offset,
            version=self._version,
        )

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """The logs that stand still because the parent cannot take them."""
        return self._stopped.all

    async def run(self) -> None:
        """Begin with what is held, then greet the parent every second; at first, and when it was lost, more often."""
        await self._begin()
        while True:
            await self._look()
            await self._greet()
            soon = FIRST_HELLO_AGAIN * 2 ** min(self._misses, _MISSES_COUNTED)
            await asyncio.sleep(HELLO_EVERY if self._up else min(soon, HELLO_EVERY))

    async def tick(self) -> None:
        """Tell every log that time passes."""
        now = asyncio.get_running_loop().time
        while True:
            for sending in self._sendings.values():
                sending.tick(now())
            await asyncio.sleep(TICK_EVERY)

    def appended(self, log: LogId, last: int, via: str | None = None) -> None:
        """Events of a log up to ``last`` are committed here; ``via`` is the child they came through."""
        if log.channel not in CHANNELS[self._stream]:
            return
        if not self._begun:
            self._noted[log] = last, via
        elif log in self._sendings:
            self._sendings[log].appended(last)
        else:
            self._add(log, last, via)

    def hear(self, data: bytes) -> None:
        """Take `Confirmations` from the parent."""
        try:
            word = decode(Confirmations, data)
        except MessageUnreadable as error:
            self._outlet.tasks.note("confirmations_unreadable", error=str(error))
            return
        self._confirmed(word.confirmed)
        for missing in word.missing:
            if missing.log in self._sendings:
                self._sendings[missing.log].missing(missing.expected, missing.generation)
        for diverged in word.diverged:
            if diverged.log in self._sendings:
                self._sendings[diverged.log].diverged(diverged.at)
        for refusal in word.not_taken:
            self._not_taken(refusal)

    def _not_taken(self, word: NotTaken) -> None:
        """The parent has set aside what it was sent of a log: that is shown, and tried again now and then."""
        if word.log in self._sendings:
            self._stopped.begin(word.log, word.at, f"the parent cannot take it: {word.reason}")
            self._stopped.keep(word.log)
            self._sendings[word.log].not_taken(word.at)

    async def _begin(self) -> None:
        self._begun = False
        for sending in self._sendings.values():
            sending.down()
        self._sendings.clear()
        for held in await self._outlet.logs.held():
            if held.log.channel in CHANNELS[self._stream]:
                self._add(held.log, held.head.seq, held.via, receiver=held.receiver, centre=held.centre)
        self._begun = True
        for log, (last, via) in self._noted.items():
            self.appended(log, last, via)
        self._noted.clear()

    async def _look(self) -> None:
        """Learn of events that are on record and that nobody told of: the database's answer may have been lost."""
        try:
            known = await self._outlet.logs.held()
        except Unavailable as refusal:
            self._outlet.tasks.note("heads_unknown", stream=self._stream, error=repr(refusal))
            return
        for held in known:
            self.appended(held.log, held.head.seq, held.via)

    def _add(
        self, log: LogId, head: int, via: str | None, *, receiver: Position = START, centre: Position = START
    ) -> None:
        generation = int(self._clock.now().timestamp() * 1000)
        relayed = via is not None
        sender = Sender(log, head=head, receiver=receiver, centre=centre, generation=generation, relayed=relayed)
        self._sendings[log] = sending = Sending(sender, via, self._outlet)
        if self._up:
            sending.up()

    async def _greet(self) -> None:
        hello = await self._hello()
        asked_at = self._clock.now()
        try:
            welcome = decode(Welcome, await self._outlet.wire.ask(Question.HELLO, encode(hello)))
        except (Unreachable, MessageUnreadable) as silence:
            self._missed(silence)
            return
        self._heard_of_parent(welcome, asked_at)
        self._confirmed(welcome.confirmed)
        self._answered()
        if self._follower is not None:
            self._follower.see(welcome.heads)

    def _heard_of_parent(self, welcome: Welcome, asked_at: datetime) -> None:
        """Learn how the parent is; its answer is taken to have left it halfway between the question and now."""
        self._version = welcome.version
        if welcome.now is not None:
            self._clock_offset = seconds_ahead(welcome.now, asked_at + (self._clock.now() - asked_at) / 2)

    async def _hello(self) -> Hello:
        """Return what to say; while it is not known how far the feeds are, nothing is said of them."""
        hello = Hello(list(CHANNELS[self._stream]), health=self._say())
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
        self._answered_at = self._clock.now()
        if not self._up:
            self._up = True
            _log.info("parent_answers", stream=self._stream)
            for sending in self._sendings.values():
                sending.up()

    def _missed(self, silence: Exception) -> None:
        self._misses += 1
        if self._up and self._misses == MISSES_MAX:
            self._up = False
            self._outlet.tasks.note("parent_silent", stream=self._stream, error=repr(silence))
            for sending in self._sendings.values():
                sending.down()

    def _confirmed(self, words: Sequence[Confirmed]) -> None:
        relayed: defaultdict[str, list[Confirmed]] = defaultdict(list)
        for word in words:
            sending = self._sendings.get(word.log)
            if sending is None:
                continue
            if sending.via is not None and word.centre not in (None, sending.centre):
                relayed[sending.via].append(Confirmed(word.log, None, word.centre))
            if word.receiver is not None:
                self._stopped.end(word.log, word.receiver.seq)
            sending.confirmed(word)
        for child, about in relayed.items():
            self._relay(child, about)
