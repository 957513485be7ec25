"""The logs that stand still because the next of their events cannot be taken: told of once, as long as it is so."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bus.link.tasks import Tasks
from bus.replication.log import LogId
from domain.shared.ports import Clock

STOPPED_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A log that stands still.

    Attributes:
        seq: number of the event that cannot be taken, or the first of those among which it is.
        since: when that was found.
        kept: the bytes are where an operator finds them.
    """

    origin: str
    epoch: int
    channel: str
    seq: int
    reason: str
    since: datetime
    kept: bool


class StoppedLogs:
    """Logs that stand still; of too many the first are forgotten."""

    def __init__(self, *, clock: Clock, tasks: Tasks) -> None:
        """Begin with none."""
        self._clock = clock
        self._tasks = tasks
        self._stopped: dict[LogId, Stopped] = {}

    @property
    def all(self) -> tuple[Stopped, ...]:
        """The logs that stand still."""
        return tuple(self._stopped.values())

    @property
    def logs(self) -> Collection[LogId]:
        """The same, by name."""
        return self._stopped.keys()

    def is_behind(self, log: LogId, seq: int) -> bool:
        """Tell whether a log stands still ahead of an event already."""
        return log in self._stopped and self._stopped[log].seq < seq

    def __contains__(self, log: LogId) -> bool:
        """Tell whether a log stands still."""
        return log in self._stopped

    def begin(self, log: LogId, seq: int, reason: str) -> bool:
        """A log stands still; tell whether it did so already, at the same event and for the same reason."""
        known = self._stopped.get(log)
        if known is not None and (known.seq, known.reason) == (seq, reason):
            return True
        self._tasks.note("log_stands_still", origin=log.origin, channel=log.channel, seq=seq, reason=reason)
        self._stopped[log] = Stopped(
            origin=log.origin,
            epoch=log.epoch,
            channel=log.channel,
            seq=seq,
            reason=reason,
            since=self._clock.now(),
            kept=False,
        )
        if len(self._stopped) > STOPPED_MAX:
            del self._stopped[next(iter(self._stopped))]
        return False

    def is_kept(self, log: LogId) -> bool:
        """Tell whether what a log stands still for is where an operator finds it."""
        return log in self._stopped and self._stopped[log].kept

    def keep(self, log: LogId) -> None:
        """It is there now."""
        if log in self._stopped:
            self._stopped[log] = replace(self._stopped[log], kept=True)

    def end(self, log: LogId, head: int) -> bool:
        """A log has got as far as ``head``; tell whether it stood still ahead of that."""
        is_over = log in self._stopped and head >= self._stopped[log].seq
        if is_over:
            del self._stopped[log]
        return is_over

    def end_earlier(self, log: LogId) -> list[LogId]:
        """Of an origin's channel a later log goes on: end the earlier ones, and return them."""
        earlier = [
            one
            for one in self._stopped
            if (one.origin, one.channel) == (log.origin, log.channel) and one.epoch < log.epoch
        ]
        for one in earlier:
            del self._stopped[one]
        return earlier

    def retain(self, stands: Callable[[LogId, int], bool]) -> None:
        """Forget the logs of which it is not so that they still stand ahead of the event with this number."""
        self._stopped = {log: one for log, one in self._stopped.items() if stands(log, one.seq)}
