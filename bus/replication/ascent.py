"""All logs of a node on their way up: which may be sent now, and what is done when the parent's history is another.

Each log has its own `Sender`; this says when that is linked, and begins a `Recovery` where sending cannot help. A state
machine without I/O: message in, effects out.
"""

from bisect import insort
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bus.replication.log import START, LogId, Position
from bus.replication.recovery import Recovery, Step


@dataclass(frozen=True, slots=True)
class Open:
    """Go on recording under a new epoch, greater than `above` and all of one's own; then another `Ascent` begins."""

    above: int


@dataclass(frozen=True, slots=True)
class Admit:
    """Link the log's sender; the first time or after a recovery it starts from what is stored."""

    log: LogId


@dataclass(frozen=True, slots=True)
class Hold:
    """Take the log's sender off the link."""

    log: LogId


@dataclass(frozen=True, slots=True)
class Recover:
    """The next step of a log's recovery."""

    log: LogId
    step: Step


@dataclass(frozen=True, slots=True)
class Recovered:
    """The log is where the parent is: its sender starts anew from `position`."""

    log: LogId
    position: Position


Effect = Open | Admit | Hold | Recover | Recovered


@dataclass(slots=True)
class _Way:
    head: int
    parent: Position
    since: int = 0
    admitted: bool = False
    forked: bool = False
    recovery: Recovery | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the parent holds all that this node holds of the log, and the same."""
        return not self.forked and self.recovery is None and self.parent.seq >= self.head


class Ascent:
    """The logs of some channels of one node, towards its parent.

    Invariants:

    1. Events are recorded under one epoch, the greatest; it changes when the parent holds of its log what this node
       does not, or when there is a greater one, here or there. No log of an earlier epoch grows but by what the parent
       held of it. While it changes nothing of the node's own is sent.
    2. A log is sent only once the parent holds what this node holds of the earlier epochs of its origin and channel: so
       what a node records after it was restored never overtakes what it recorded before.
    3. A log whose histories differ is not sent until it has been brought to where the parent is.
    4. While a log of the present epoch differs, the epoch changes first: what is being recorded is never in the way.
    """

    def __init__(self, node: str, epoch: int) -> None:
        """Begin for `node`, which records under `epoch`; the link is down and no log is known."""
        self.epoch = epoch
        self._node = node
        self._ways: dict[LogId, _Way] = {}
        self._lines: dict[tuple[str, str], list[int]] = {}
        self._listed: set[LogId] = set()
        self._up = False
        self._opening = False

    @property
    def differing(self) -> tuple[LogId, ...]:
        """The logs of which the parent has another history, or more than this node."""
        return tuple(log for log in self._ways if self.differs(log))

    def differs(self, log: LogId) -> bool:
        """Tell whether the parent has another history of a log, or more of it than this node."""
        way = self._ways.get(log)
        return way is not None and (way.forked or way.recovery is not None)

    def admits(self, log: LogId) -> bool:
        """Tell whether a log's sender is linked."""
        return log in self._ways and self._ways[log].admitted

    def held(self, log: LogId, head: int, parent: Position = START) -> list[Effect]:
        """A log is held up to `head`, and was confirmed by the parent up to `parent`."""
        way = self._way(log, parent)
        way.head, way.since = max(way.head, head), max(way.since, head)
        return [*self._outgrown(log), *self._review(log)]

    def looks(self) -> None:
        """All logs are about to be looked up in the database; `held`, then `found`, of each of them will follow."""
        for way in self._ways.values():
            way.since = 0

    def found(self, log: LogId) -> list[Effect]:
        """A log was looked up: it is held as far as was said since the look began.

        What was said earlier may have been of a time before it gave way.
        """
        way = self._ways.get(log)
        if way is None:
            return []
        way.head = way.since
        return self._review(log)

    def told(self, log: LogId, position: Position) -> list[Effect]:
        """The parent says what it has committed of a log; whether that is one's own history the sender finds out."""
        way = self._way(log, position)
        way.parent = position
        if way.recovery is not None or not (way.forked or position.seq > way.head):
            return self._review(log)
        recovery = way.recovery = Recovery(way.head, position)
        return [*self._review(log), *self._steps(log, way, recovery, recovery.begin())]

    def unlisted(self, listed: Collection[LogId], *, is_whole: bool) -> list[LogId]:
        """Return the logs of which the parent holds nothing: its list, if need be in shares, lacks them.

        They are returned every time: whether a sender that begins later heard of it nobody remembers. A share that
        repeats a log tells that the list has been said from its beginning to its end.
        """
        if not is_whole and self._listed.isdisjoint(listed):
            self._listed.update(listed)
            return []
        known = self._listed.union(listed)
        self._listed = set() if is_whole else set(listed)
        return [log for log in self._ways if log not in known]

    def left(self, log: LogId) -> list[Effect]:
        """A log comes from the parent by now: what waited for it may go."""
        if self._ways.pop(log, None) is None:
            return []
        self._lines[log.origin, log.channel].remove(log.epoch)
        return self._review(log)

    def ruling(self, newest: int) -> list[Effect]:
        """The parent knows epochs of this node up to `newest`."""
        return self._open(newest) if newest > self.epoch else []

    def forked(self, log: LogId) -> list[Effect]:
        """The log's sender found that the parent's history is another. What to do is known when `told` comes next."""
        self._ways[log].forked = True
        return self._review(log)

    def looked_up(self, log: LogId, seq: int, own: bytes | None) -> list[Effect]:
        """The answer to `LookUp`."""
        return self._step(log, lambda recovery: recovery.looked_up(seq, own))

    def answered(self, log: LogId, first: int, before: bytes) -> list[Effect]:
        """The answer to `Ask`."""
        return self._step(log, lambda recovery: recovery.answered(first, before))

    def gave_way(self, log: LogId) -> list[Effect]:
        """The answer to `GiveWay`."""
        way = self._ways[log]
        if way.recovery is None:
            return []
        steps = way.recovery.gave_way()
        way.head = way.since = way.recovery.head
        return self._steps(log, way, way.recovery, steps)

    def took(self, log: LogId, head: int) -> list[Effect]:
        """The answer to `Take`: the log is held up to `head`."""
        return [*self.held(log, head), *self._step(log, lambda recovery: recovery.took(head))]

    def failed(self, log: LogId) -> list[Effect]:
        """A step could not be taken. The recovery begins anew when `told` comes next."""
        way = self._ways[log]
        if way.recovery is not None:
            way.forked, way.recovery = True, None
        return []

    def link_up(self) -> list[Effect]:
        """The parent answers."""
        self._up = True
        return self._review_all()

    def link_down(self) -> list[Effect]:
        """The parent does not answer."""
        self._up = False
        return self._review_all()

    def _way(self, log: LogId, parent: Position) -> _Way:
        """Return where a log is; one that was not known is not held."""
        if log not in self._ways:
            self._ways[log] = _Way(0, parent)
            insort(self._lines.setdefault((log.origin, log.channel), []), log.epoch)
        return self._ways[log]

    def _open(self, above: int) -> list[Effect]:
        if self._opening:
            return []
        self._opening = True
        return [*self._review_all(), Open(above)]

    def _outgrown(self, log: LogId) -> list[Effect]:
        """What is recorded next comes behind all that is held of one's own."""
        return self._open(log.epoch - 1) if log.origin == self._node and log.epoch > self.epoch else []

    def _step(self, log: LogId, take: Callable[[Recovery], list[Step]]) -> list[Effect]:
        way = self._ways[log]
        if way.recovery is None:
            return []
        return self._steps(log, way, way.recovery, take(way.recovery))

    def _steps(self, log: LogId, way: _Way, recovery: Recovery, steps: list[Step]) -> list[Effect]:
        if log == LogId(self._node, self.epoch, log.channel) and not (recovery.is_searching or recovery.done):
            way.forked, way.recovery = True, None
            return self._open(self.epoch)
        if recovery.is_in_vain:
            return self.failed(log)
        if steps or not recovery.done:
            return [Recover(log, step) for step in steps]
        way.forked, way.recovery = False, None
        return [Recovered(log, recovery.parent), *self._review(log)]

    def _review_all(self) -> list[Effect]:
        return [effect for origin, channel in self._lines for effect in self._review(LogId(origin, 0, channel))]

    def _review(self, log: LogId) -> list[Effect]:
        """Admit and hold the logs of one origin and channel, from the earliest epoch on."""
        effects: list[Effect] = []
        may = self._up and not (self._opening and log.origin == self._node)
        for epoch in self._lines.get((log.origin, log.channel), ()):
            one = LogId(log.origin, epoch, log.channel)
            way = self._ways[one]
            is_fit = may and not way.forked and way.recovery is None
            if is_fit is not way.admitted:
                way.admitted = is_fit
                effects.append(Admit(one) if is_fit else Hold(one))
            may = may and way.is_settled
        return effects
