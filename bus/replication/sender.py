"""Sending one log to one receiver: a state machine without I/O, message or timer in, effects out.

The sender believes nobody but the receiver's database. A broker's acknowledgement only frees a place in the window;
what counts is the position that the receiver (or the centre) reports as committed, and only after it was found in the
sender's own log with the same hash.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bus.replication.batch import MAX_RECORDS, Header
from bus.replication.log import START, LogId, Position

WINDOW: Final = 8
CREDIT: Final = 20
RESEND_AFTER: Final = 4.0
RETRY_AFTER: Final = 0.25
REFUSED_AFTER: Final = 1.0
"""Seconds after which what the receiver refused is sent again: what was at fault may have been mended. They double."""
_RETRY_DOUBLINGS: Final = 5
_RESEND_DOUBLINGS: Final = 2
_REFUSED_DOUBLINGS: Final = 6


class Scope(StrEnum):
    """Who has committed: the next node on the way, or the centre.

    A receiver that is the centre reports in both scopes. A relay passes on what it hears of the centre as it came, even
    if it is ahead of the relay's own log: the origin compares it.
    """

    RECEIVER = "receiver"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Send:
    """Read at most `limit` records from `first` on in the log (not the outbox), cut them by `fill`, pack, publish.

    Answer with `packed(header)` before publishing, then `published(header)` or `failed(generation, now)`.
    """

    first: int
    limit: int
    generation: int


@dataclass(frozen=True, slots=True)
class Compare:
    """Look up the own hash at `position.seq` and answer with `compared(...)`; not held means not equal."""

    scope: Scope
    position: Position


@dataclass(frozen=True, slots=True)
class Confirm:
    """Store as the receiver's position: a restart sends from here. It may lie behind the one before."""

    position: Position


@dataclass(frozen=True, slots=True)
class Trim:
    """The centre holds everything up to here: store it; the outbox begins after it."""

    up_to: Position


@dataclass(frozen=True, slots=True)
class Forked:
    """The receiver's history of this log is another one at `at`. Nothing is sent or trimmed any more under this epoch.

    The cure is a new epoch: a new log, and a new sender for it.
    """

    at: int


Effect = Send | Compare | Confirm | Trim | Forked


class Sender:
    """One log towards one receiver. Inputs return the effects to carry out, in order; `now` is monotonic seconds."""

    def __init__(
        self,
        log: LogId,
        *,
        head: int,
        receiver: Position = START,
        centre: Position = START,
        generation: int,
    ) -> None:
        """Start, or start again, from what is stored; the link is down at first.

        Args:
            log: The log, under its origin's coordinates.
            head: Number of the last event committed here.
            receiver: Last `Confirm` stored.
            centre: Last `Trim` stored.
            generation: Number of the first attempt. No attempt before a restart may have had it or a later one: the
                time in milliseconds will do.
        """
        self.log = log
        self.head = head
        self.receiver = receiver
        self.centre = centre
        self.generation = generation
        self.forked = False
        self._floor = 0
        self._cursor = receiver.seq
        self._packing = False
        self._in_flight: set[int] = set()
        self._unapplied: set[int] = set()
        self._up = False
        self._misses = 0
        self._refusals = 0
        self._resume_at: float | None = None
        self._waiting_since: float | None = None

    def appended(self, last: int) -> list[Effect]:
        """Events up to `last` are committed here."""
        self.head = max(self.head, last)
        return self._pump()

    def floored(self, floor: int) -> None:
        """Events up to `floor` are no longer held here: they are not sent, whatever the receiver says it lacks."""
        self._floor = max(self._floor, floor)
        self._cursor = max(self._cursor, self._floor)

    @property
    def lacking(self) -> bool:
        """Whether the receiver lacks what is no longer held here."""
        return self.receiver.seq < self._floor

    def packed(self, header: Header) -> list[Effect]:
        """A `Send` was packed and is about to be published."""
        if header.generation == self.generation:
            self._packing = False
            self._cursor = max(self._cursor, header.last)
            self._in_flight.add(header.last)
            self._unapplied.add(header.last)
        return self._pump()

    def published(self, header: Header) -> list[Effect]:
        """The broker has taken a batch: a place in the window is free, nothing else."""
        if header.generation == self.generation:
            self._in_flight.discard(header.last)
        return self._pump()

    def failed(self, generation: int, now: float) -> list[Effect]:
        """A batch could not be read, packed or published, or the broker did not answer in time."""
        if generation == self.generation:
            self._resume_at = now + RETRY_AFTER * 2 ** min(self._misses, _RETRY_DOUBLINGS)
            self._misses += 1
            self._go_back(self.receiver.seq)
        return []

    def confirmed(self, epoch: int, position: Position, scope: Scope) -> list[Effect]:
        """The receiver reports what it, or the centre, has committed. May come late, repeated or out of order.

        That it holds more than this node is not for the sender to mend: see `Ascent`.
        """
        if epoch != self.log.epoch or self.forked:
            return []
        for known in (START, self.receiver, self.centre):
            if position.seq == known.seq:
                return self.compared(position, scope, equal=position == known)
        if position.seq > self.head:
            return []
        return [Compare(scope, position)]

    def compared(self, position: Position, scope: Scope, *, equal: bool) -> list[Effect]:
        """The answer to `Compare`: whether this node's own log has the same hash there.

        Where the centre's is another one it is not believed, and the node between finds that out for itself.
        """
        if self.forked or (not equal and scope is Scope.CENTRE):
            return []
        if not equal:
            return self._fork(position.seq)
        return self._centre_has(position) if scope is Scope.CENTRE else self._receiver_has(position)

    def gap(self, epoch: int, expected: int, generation: int) -> list[Effect]:
        """The receiver misses `expected`, as it noticed by a batch of `generation`.

        What is no longer held here it has to get elsewhere; what follows is sent again after a while.
        """
        if epoch == self.log.epoch and generation == self.generation and self._floor < expected <= self._cursor:
            self._misses = 0
            self._go_back(expected - 1)
        return self._pump()

    def refused(self, epoch: int, at: int, now: float) -> list[Effect]:
        """The receiver cannot take the event `at`, or one of those behind it, for reasons of its own."""
        if epoch == self.log.epoch and self.receiver.seq + 1 == at <= self._cursor:
            self._resume_at = now + REFUSED_AFTER * 2 ** min(self._refusals, _REFUSED_DOUBLINGS)
            self._refusals += 1
            self._misses += 1
            self._go_back(self.receiver.seq)
        return []

    def fork(self, epoch: int, at: int) -> list[Effect]:
        """The receiver found that this log does not continue its own."""
        return self._fork(at) if epoch == self.log.epoch and not self.forked else []

    def tick(self, now: float) -> list[Effect]:
        """Time passes: call it a few times a second. Nothing heard of for too long is sent again."""
        if self._resume_at is not None and now >= self._resume_at:
            self._resume_at = None
        if self._waited_too_long(now):
            self._misses += 1
            self._go_back(self.receiver.seq)
        return self._pump()

    def link_up(self) -> list[Effect]:
        """The broker is connected."""
        self._up = True
        self._misses = 0
        self._resume_at = None
        return self._pump()

    def link_down(self) -> list[Effect]:
        """The broker is gone, and with it every answer still expected from it."""
        self._up = False
        self._go_back(self.receiver.seq)
        return []

    def _pump(self) -> list[Effect]:
        credit = CREDIT if self._misses == 0 else 1
        ready = self._up and not self.forked and not self._packing and self._resume_at is None
        room = len(self._in_flight) < WINDOW and len(self._unapplied) < credit
        if not (ready and room and self._cursor < self.head):
            return []
        self._packing = True
        return [Send(self._cursor + 1, min(MAX_RECORDS, self.head - self._cursor), self.generation)]

    def _go_back(self, to: int) -> None:
        self.generation += 1
        self._cursor = max(to, self._floor)
        self._packing = False
        self._in_flight.clear()
        self._unapplied.clear()
        self._waiting_since = None

    def _receiver_has(self, position: Position) -> list[Effect]:
        effects: list[Effect] = []
        if position.seq > self.receiver.seq:
            self._misses = self._refusals = 0
            self._waiting_since = None
        if position != self.receiver:
            self.receiver = position
            effects.append(Confirm(position))
        self._cursor = max(self._cursor, position.seq)
        self._unapplied = {last for last in self._unapplied if last > position.seq}
        self._in_flight &= self._unapplied
        return effects + self._pump()

    def _centre_has(self, position: Position) -> list[Effect]:
        if position.seq <= self.centre.seq:
            return []
        self.centre = position
        return [Trim(position)]

    def _fork(self, at: int) -> list[Effect]:
        self.forked = True
        return [Forked(at)]

    def _is_under_way(self) -> bool:
        """Tell whether the broker has not even got what the receiver has to commit next; that ends by itself."""
        return min(self._unapplied, default=None) in self._in_flight

    def _waited_too_long(self, now: float) -> bool:
        if self._cursor <= self.receiver.seq or self._is_under_way():
            self._waiting_since = None
            return False
        if self._waiting_since is None:
            self._waiting_since = now
        patience: float = RESEND_AFTER * 2 ** min(self._misses, _RESEND_DOUBLINGS)
        return now - self._waiting_since >= patience
