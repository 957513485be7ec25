"""What children say of themselves in their hellos, and how far clocks are off."""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bus.catalogue import ALARMS
from bus.link.messages import Health, Hello
from bus.link.wire import Stream
from bus.replication.log import LogId

OFFSETS: Final = 8
"""Hellos over which a child's clock is judged: one that was long under way makes it look slow, the others do not."""

REFUSALS_APART: Final = timedelta(seconds=10)
"""Refusals of a child's other process within this time of each other are of one and the same."""

WITHOUT_BREAK: Final = timedelta(seconds=30)
"""Between two hellos of a child that is there: the line may lose some."""

Say = Callable[[], Health | None]
"""Tells how this node is, as last looked at; None before the first look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStatus:
    """What a child said last of itself.

    Attributes:
        heard: when it said hello last, on each connection on which it did; a time of this node.
        health: how it is, if it says so.
        clock_offset: seconds that its clock is ahead of this node's, but for the time of the way.
        held: how far it is in feeds, as far as its last hello told.
        refused: since when, and when last, another process that speaks for it was refused: a clone. None: never.
        alarms_wait_since: since when it has said, without a break, that one and the same alarm waits there.
        let_in: when it was seen first among the children; None: it was not looked for yet.
    """

    heard: Mapping[Stream, datetime]
    health: Health | None
    clock_offset: float | None
    held: Mapping[LogId, int]
    refused: tuple[datetime, datetime] | None = None
    alarms_wait_since: datetime | None = None
    let_in: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Wait:
    """What a child says of its alarms: the time of the oldest that waits; since when and when last it said so."""

    oldest: int
    since: datetime
    last: datetime


@dataclass(slots=True)
class _Heartbeat:
    heard: dict[Stream, datetime] = field(default_factory=dict)
    health: Health | None = None
    offsets: deque[float] = field(default_factory=lambda: deque(maxlen=OFFSETS))
    held: dict[LogId, int] = field(default_factory=dict)
    refused: tuple[datetime, datetime] | None = None
    alarms: _Wait | None = None
    let_in: datetime | None = None


class Heartbeats:
    """What each child said last of itself; kept in memory."""

    def __init__(self) -> None:
        """Begin with no child."""
        self._of: dict[str, _Heartbeat] = {}

    def hear(self, child: str, hello: Hello, at: datetime) -> None:
        """A child said hello at a time of this node."""
        beat = self._of.setdefault(child, _Heartbeat())
        beat.heard[Stream.ALARMS if ALARMS in hello.channels else Stream.BULK] = at
        if hello.feeds:
            beat.held = {one.log: one.position.seq for one in hello.held}
        if hello.health is not None:
            beat.health = hello.health
            beat.offsets.append(seconds_ahead(hello.health.now, at))
            beat.alarms = _waiting(beat.alarms, hello.health.alarms, at)

    def refuse(self, child: str, at: datetime) -> None:
        """Another process that speaks for a child was refused; what is long past is forgotten by that."""
        beat = self._of.setdefault(child, _Heartbeat())
        since, last = beat.refused or (at, at)
        beat.refused = (since if at - last <= REFUSALS_APART else at), at

    def look(self, children: Collection[str], at: datetime) -> Mapping[str, ChildStatus]:
        """Return what each child of now said last; who is none any more is forgotten."""
        for gone in self._of.keys() - set(children):
            del self._of[gone]
        for child in children:
            beat = self._of.setdefault(child, _Heartbeat())
            beat.let_in = beat.let_in or at
        return {child: self.of(child) for child in children}

    def has_heard(self, child: str) -> bool:
        """Tell whether a child has said hello."""
        return child in self._of and bool(self._of[child].heard)

    def of(self, child: str) -> ChildStatus:
        """Return what a child said last; one that never said hello was never heard."""
        beat = self._of.get(child, _Heartbeat())
        return ChildStatus(
            heard=dict(beat.heard),
            health=beat.health,
            clock_offset=max(beat.offsets, default=None),
            held=dict(beat.held),
            refused=beat.refused,
            alarms_wait_since=None if beat.alarms is None else beat.alarms.since,
            let_in=beat.let_in,
        )


def _waiting(known: _Wait | None, oldest: int | None, at: datetime) -> _Wait | None:
    if oldest is None:
        return None
    is_same = known is not None and known.oldest == oldest and at - known.last <= WITHOUT_BREAK
    return _Wait(oldest, known.since if known is not None and is_same else at, at)


def milliseconds(at: datetime) -> int:
    """Return a time as neighbours say it: milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def seconds_ahead(said: int, at: datetime) -> float:
    """Return how far the clock that said ``said`` (milliseconds since 1970) is ahead of the one that showed ``at``."""
    return (said - milliseconds(at)) / 1000
