"""What the link asks of a node's database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bus.replication.batch import Batch
from bus.replication.log import START, LogId, Position
from bus.replication.receiver import Verdict
from bus.replication.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLog:
    """A log as it stands at this node.

    Attributes:
        head: newest event held.
        receiver: what the parent has confirmed.
        centre: what the centre has confirmed.
        via: the neighbour through which it arrives; None for the node's own.
        arrived: all of it has been here once, so that only what came later can be missing; holds for the node's own.
        floor: newest event that is no longer held as an event: what it shows in the tables stands there all the same,
            unless it never came here (see `Logs.go_on_behind`).
    """

    log: LogId
    head: Position
    receiver: Position
    centre: Position
    via: str | None
    arrived: bool
    floor: Position = START


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a batch: the verdict, and how the log stands after it."""

    verdict: Verdict
    held: HeldLog


class NotThisWay(Exception):  # noqa: N818 - a refusal of the link
    """A neighbour sent a log that is this node's own or belongs to another way."""


class Logs(Protocol):
    """The logs in a node's database."""

    async def held(self) -> Sequence[HeldLog]:
        """Return every log at this node."""
        ...

    async def find(self, log: LogId) -> HeldLog | None:
        """Return one log, or None."""
        ...

    async def read(self, log: LogId, first: int, limit: int) -> tuple[bytes, Sequence[Record]]:
        """Return the hash ahead of event ``first``, and up to ``limit`` records from there on, as far as none lacks.

        Raises:
            LookupError: the log, or the event before ``first``, is not held.
        """
        ...

    async def hash_at(self, log: LogId, seq: int) -> bytes | None:
        """Return the hash of the chain at ``seq``, or None when it is not held."""
        ...

    async def places(self, origin: str, ids: Collection[bytes]) -> Mapping[bytes, Collection[tuple[LogId, int]]]:
        """Return where each of these events stands in logs of ``origin``: in which, as which number."""
        ...

    async def apply(self, batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        """Judge batches in order and apply what follows, all in one transaction, log rows and tables together.

        Calls about the same log take effect in the order in which they are made, even if they overlap. An event that
        cannot be shown in the tables goes to quarantine in the same transaction; it blocks nothing.
        Listeners hear of the new events after the commit, before this returns.

        Raises:
            NotThisWay: a batch's log is this node's own, or arrives through another neighbour.
            Unavailable: nothing was applied, or it is not known whether anything was.
        """
        ...

    async def recall(self, batch: Batch) -> Applied:
        """Apply what the parent holds of a log beyond what this node does, whichever way the log arrives.

        One that is not held counts as arriving through its origin, until another child sends it.

        Events that stand in another log of their origin already are not shown a second time.

        Raises:
            NotThisWay: the node records in this log.
            Unavailable: as `apply`.
        """
        ...

    async def epoch(self) -> int:
        """Return the epoch under which the node records."""
        ...

    async def go_on(self, above: int) -> int:
        """Record under an epoch greater than ``above`` from now on, if not so already; return the epoch.

        It is also greater than every epoch of the node of which there is a log here. What the parent is not known to
        have of the logs that were recorded in until now comes along, in the same transaction: it is recorded anew,
        under the same ids, so that what is recorded next stands behind it. What of it is in quarantine stays there.
        """
        ...

    async def give_way(self, log: LogId, seq: int) -> None:
        """Remove what follows ``seq`` from a log, all in one transaction.

        What is the node's own is recorded anew in its present epoch, under the same ids, unless it stands in another of
        its logs already. What later logs of the channel hold beyond the parent comes along, under another epoch, so
        that it stays behind. What is another node's is gone, from the tables too: set it aside before. What is in
        quarantine stays there as long as it stands in one of its origin's logs.

        Raises:
            LookupError: the log holds nothing at ``seq``.
            ValueError: the node records in this log.
        """
        ...

    async def redirect(self, log: LogId, via: str) -> bool:
        """Have a log arrive through ``via`` from now on; False when there is none, or it is the node's own."""
        ...

    async def adopt(self, batch: Batch) -> None:
        """Record anew in the present epoch what a batch of the node's own holds and none of its logs does.

        That is in the order in which it was recorded once; what was erased is left out.
        Listeners hear of it as of any event. What cannot be shown in the tables goes to quarantine.
        """
        ...

    async def begin(self, channel: str) -> None:
        """Begin the node's own log of a channel, without an event yet, unless it has begun."""
        ...

    async def note_arrival(self, log: LogId, via: str) -> None:
        """Note that all of a log has arrived through ``via``; one without any event begins by that.

        Raises:
            NotThisWay: the log is this node's own, or arrives through another neighbour.
        """
        ...

    async def go_on_behind(self, log: LogId, floor: Position, via: str) -> int:
        """Have a log that arrives through ``via`` go on behind ``floor``; one that is not held begins there.

        What it lacks up to there can come from nowhere any more: it stays missing, and what is held stays. Returns how
        many events that are; none where as much is held.

        Raises:
            NotThisWay: the log is this node's own, or arrives through another neighbour.
        """
        ...

    async def confirm(self, receiver: Mapping[LogId, Position], centre: Mapping[LogId, Position]) -> None:
        """Store what the parent and the centre have confirmed, for any number of logs in one change.

        The parent's word replaces the one before, even if it names an earlier event. The centre's never goes back: up
        to there the outbox is empty. Logs that are not held are passed over, and what the centre said of events that
        gave way meanwhile.
        """
        ...
