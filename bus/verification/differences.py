"""What two nodes do not hold alike, and what a verification found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bus.replication.log import LogId

EVENT: Final = "event"
LOG: Final = "log"


class Side(StrEnum):
    """At which of the two nodes something is wrong; at either, where nobody can tell."""

    HERE = "here"
    THERE = "there"
    EITHER = "either"


class Fault(StrEnum):
    """What is wrong: a row is missing, too much, or otherwise than its log says; or the nodes just differ in it."""

    MISSING = "missing"
    EXTRA = "extra"
    ALTERED = "altered"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row that is not as it must be.

    Attributes:
        table: where; `EVENT` and `LOG` for the logs themselves.
        of: the log, as ``origin/epoch/channel``; of other tables the node or feed to which the row belongs.
        row: number of the event; of other tables the row's id.
        side: at which node it is wrong.
        repaired: it is right again.
    """

    table: str
    of: str
    row: str
    fault: Fault
    side: Side
    repaired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One node has less of a log than the other, which is no difference.

    Attributes:
        side: which of them.
        events: by how many.
    """

    of: str
    side: Side
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of comparing two nodes.

    Attributes:
        here, there: codes of the nodes.
        finished_at: None while it is under way.
        differences: those that were found, repaired or not, ``MOST`` at most.
        not_compared: what could not be compared, and why, in the words of an operator.
        rows: how many events and rows were compared.
        incomplete_since: when the first began of those in a row that could not compare everything; None: the last did.
    """

    here: str
    there: str
    started_at: datetime
    finished_at: datetime | None = None
    differences: tuple[Difference, ...] = ()
    behind: tuple[Behind, ...] = ()
    not_compared: tuple[str, ...] = ()
    rows: int = 0
    incomplete_since: datetime | None = None

    @property
    def open(self) -> tuple[Difference, ...]:
        """Differences that are still there."""
        return tuple(one for one in self.differences if not one.repaired)

    @property
    def equal(self) -> bool:
        """Whether all was compared, and nothing differs any more."""
        return self.finished_at is not None and not self.open and not self.not_compared


MOST: Final = 1_000
"""Differences that one verification names; where there are more the next one goes on."""


def name_of(log: LogId) -> str:
    """Return how a log is called in a difference."""
    return f"{log.origin}/{log.epoch}/{log.channel}"
