"""What should get on and does not, and since when: by this node's own clock, never by the times that events bear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bus.link.link import LinkStatus
from bus.link.wire import CHANNELS
from bus.ports import LogStatus
from bus.replication.log import LogId

WITHOUT_BREAK: Final = timedelta(seconds=30)
"""What does not wait, or cannot get on because the parent is away, for no longer than that has gone on waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A log that should get on.

    Attributes:
        at: how far it is. Another number is progress, a smaller one as well: then a node was restored.
        left: how many events are still to go.
    """

    log: LogId
    at: int
    left: int

    def has_moved(self, before: "Waiting") -> bool:
        """Tell whether it has got on since ``before``."""
        return self.at != before.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmoved:
    """A log that has not got on since then, though it should have."""

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
        self._known: dict[LogId, _Known] = {}

    def look(self, logs: Sequence[LogStatus], link: LinkStatus, now: datetime) -> Sequence[Unmoved]:
        """Return what waits now, and since when without getting on."""
        waiting = list(_up(logs, link))
        for one in waiting:
            self._see(one, now)
        self._known = {log: known for log, known in self._known.items() if abs(now - known.last) <= WITHOUT_BREAK}
        return [Unmoved(waiting=one, since=self._known[one.log].since) for one in waiting]

    def _see(self, one: Waiting, now: datetime) -> None:
        """Remember what waits. A clock that was set back makes nothing wait since a time to come."""
        known = self._known.get(one.log)
        since = now if known is None or one.has_moved(known.waiting) else min(known.since, now)
        self._known[one.log] = _Known(one, since, now)


def _up(logs: Sequence[LogStatus], link: LinkStatus) -> Iterator[Waiting]:
    """Yield the logs of which the parent, which answers, has not confirmed all.

    What it has and the centre has not waits further up, and is told there.
    """
    for log in logs:
        answers = any(wire.up for wire in link.parent if log.channel in CHANNELS[wire.stream])
        if answers and log.parent < log.seq:
            yield Waiting(log=LogId(log.origin, log.epoch, log.channel), at=log.parent, left=log.seq - log.parent)
