"""Events that cannot be shown in the tables, and batches that cannot be taken, each held with all its bytes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.shared.quarantine import QuarantineState


class Trouble(StrEnum):
    """Why an event cannot be shown: it is at fault, or it waits for an upgrade or for an event ahead of it."""

    POISON = "poison"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedEvent:
    """An event that is in its log and could not be shown in the tables.

    Attributes:
        origin, epoch, channel, seq: its place.
        size: of its body, in bytes; 0 once it is erased.
        reason: why it could not be shown, when that was last tried; without any value of it.
        at: when it arrived, or was found.
        note: why it was set aside.
        settled_by, settled_at: who had it replayed or set aside, and when.
    """

    id: str
    origin: str
    epoch: int
    channel: str
    seq: int
    size: int
    trouble: Trouble
    state: QuarantineState
    reason: str
    at: datetime
    note: str = ""
    settled_by: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedBatch:
    """A message of a neighbour's that could not be taken as a batch, or that a child could not take.

    Attributes:
        child: who sent it, or could not take it, as the broker vouches; or whose events gave way.
        known: that is a child of this node.
        refused: it is not for this node to take: a child handed it back, or it gave way to the parent's history.
        origin, epoch, channel, first, last: what it says of itself, where that could be read.
        size: in bytes.
        reason: why it could not be taken, when that was last tried; without any value of it.
    """

    id: str
    child: str
    known: bool
    refused: bool
    origin: str | None
    epoch: int | None
    channel: str | None
    first: int | None
    last: int | None
    size: int
    state: QuarantineState
    reason: str
    at: datetime
    note: str = ""
    settled_by: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedBatches:
    """How many held batches had to make room for newer ones: of a child, or of all strangers together (``*``).

    Attributes:
        last_at: when the last of them went.
    """

    child: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of showing events again: how many show now, and how many of those tried still do not."""

    shown: int
    held: int
