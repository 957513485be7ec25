"""What should get on and does not, and since when: by this node's own clock, never by the times that events bear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bus.catalogue import is_feed
from bus.link.loading import Loading
from bus.link.status import LinkStatus
from bus.link.wire import CHANNELS, Stream
from bus.ports import LogStatus
from bus.replication.log import LogId

WITHOUT_BREAK: Final = timedelta(seconds=30)
"""What does not wait, or cannot get on because the parent is away, for no longer than that has gone on waiting."""


class Way(StrEnum):
    """Where something goes: to the parent, from it event by event, or from it in a snapshot."""

    UP = "up"
    DOWN = "down"
    LOAD = "load"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A log, or a feed that is loaded, that should get on.

    Attributes:
        label: of which log, or of which feed.
        at: how far it is. Any other place is progress, one further back as well: then a node was restored.
        loaded: how much of a snapshot of it has come and is in the tables. Only more than ever before is progress:
            what fails begins anew.
        left: how many events, or pieces, are still to go.
        trouble: why, as far as it is known.
    """

    way: Way
    of: LogId | str
    at: tuple[int, ...] = ()
    loaded: int = 0
    left: int = 0
    trouble: str = ""

    @property
    def channel(self) -> str:
        """Name of the channel."""
        return self.of if isinstance(self.of, str) else self.of.channel

    @property
    def label(self) -> str:
        """What operators call it: whose log it is, unless it is a feed, which may be of several nodes."""
        return self.of if isinstance(self.of, str) else _label(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmoved:
    """What has not got on since then, though it should have."""

    waiting: Waiting
    since: datetime


@dataclass(slots=True)
class _Known:
    waiting: Waiting
    since: datetime
    last: datetime


class Progress:
    """Knows since when what should get on has not; kept in memory."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._known: dict[tuple[Way, LogId | str], _Known] = {}

    def look(self, logs: Sequence[LogStatus], link: LinkStatus, now: datetime) -> Sequence[Unmoved]:
        """Return what waits now though the parent answers, and since when without getting on."""
        waiting = [*_up(logs, link), *_loads(link), *_down(logs, link)]
        unmoved = [Unmoved(waiting=one, since=self._since(one, now)) for one in waiting]
        self._known = {of: known for of, known in self._known.items() if abs(now - known.last) <= WITHOUT_BREAK}
        return unmoved

    def _since(self, one: Waiting, now: datetime) -> datetime:
        """Remember what waits, and tell since when. A clock that was set back makes it no time to come."""
        known = self._known.get((one.way, one.of))
        if known is None or one.at != known.waiting.at or one.loaded > known.waiting.loaded:
            self._known[one.way, one.of] = _Known(one, now, now)
            return now
        since = min(known.since, now)
        self._known[one.way, one.of] = _Known(replace(one, loaded=known.waiting.loaded), since, now)
        return since


def _up(logs: Sequence[LogStatus], link: LinkStatus) -> Iterator[Waiting]:
    """Yield the logs of which the parent has not confirmed all.

    What it has and the centre has not waits further up, and is told there.
    """
    for log in logs:
        answers = any(wire.up for wire in link.parent if log.channel in CHANNELS[wire.stream])
        if answers and log.parent < log.seq:
            yield Waiting(way=Way.UP, of=_id(log), at=(log.parent,), left=log.seq - log.parent)


def _loads(link: LinkStatus) -> Iterator[Waiting]:
    """Yield the feeds whose snapshots are on their way; they come one after the other."""
    for load in link.loads if _answers(link) else ():
        if load.has_begun:
            left = load.pieces - load.placed
            yield Waiting(way=Way.LOAD, of=load.feed, loaded=_loaded(load), left=left, trouble=load.trouble)


def _down(logs: Sequence[LogStatus], link: LinkStatus) -> Iterator[Waiting]:
    """Yield the logs of which the parent has more, but those that stand still, or arrive through a child.

    They come one after the other. One that was asked for in vain has to get on itself; for any other it is enough that
    something does.
    """
    held = {_id(log): log for log in logs}
    passed_over = {LogId(one.origin, one.epoch, one.channel) for one in link.stopped}
    passed_over |= {of for of, log in held.items() if log.via in link.children}
    loaded = {load.feed: _loaded(load) for load in link.loads}
    anything = sum(log.seq for log in logs if log.via == link.parent_code), sum(loaded.values())
    for log, missing in link.missing.items() if _answers(link) else ():
        seq = held[log].seq if log in held else 0
        if seq < missing.head and log not in passed_over:
            at = (seq,) if missing.asked_at == seq else (seq, *anything)
            of_load = loaded.get(log.channel, 0)
            yield Waiting(way=Way.DOWN, of=log, at=at, loaded=of_load, left=missing.head - seq)


def _answers(link: LinkStatus) -> bool:
    """Tell whether the parent answers on the connection over which everything comes down."""
    return any(wire.up for wire in link.parent if wire.stream is Stream.BULK)


def _loaded(load: Loading) -> int:
    return load.fetched + load.placed


def _id(log: LogStatus) -> LogId:
    return LogId(log.origin, log.epoch, log.channel)


def _label(log: LogId) -> str:
    return log.channel if is_feed(log.channel) else f"{log.origin} {log.channel}"
