"""Where batches are kept that cannot be taken: in the node's database, in bounded room for each child."""

from dataclasses import dataclass
from typing import Final, Protocol

from bus.replication.batch import Header
from bus.replication.log import LogId

STRANGERS: Final = "*"
"""Whose room it is where the sender is no child: all of them share it. No node has this code."""
ROOM_BATCHES: Final = 1_000
ROOM_BYTES: Final = 32 << 20
REASON_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """A message that cannot be taken as a batch.

    Attributes:
        child: who sent it, as the broker vouches; or who handed it back; or whose events gave way.
        room: the child, or `STRANGERS`.
        header: what it says of itself, where that can be read.
        is_refused: it is not for this node to take: a child handed it back, or it gave way to the parent's history.
    """

    child: str
    room: str
    data: bytes
    reason: str
    header: Header | None
    is_refused: bool = False


class BatchQuarantine(Protocol):
    """Batches that could not be taken, with their bytes."""

    async def keep(self, untaken: Untaken) -> None:
        """Keep a batch, in a change of its own; it is durable when this returns.

        A batch that is held already, by its place in its log or else by its bytes, is replaced by the newer; one that
        an operator has set aside stays so, if it comes again for the same reason. A room holds `ROOM_BATCHES` and
        `ROOM_BYTES`: beyond that the oldest go, first those that are settled; held ones that go are counted. What is
        refused has as much room of its own, in which none that is held ever goes: it may be all that there is of these
        events.

        Raises:
            BatchNotKept: it is refused, and there is no room for more.
            Unavailable: it is not kept, or that is not known.
        """
        ...

    async def settle(self, child: str, log: LogId, head: int) -> bool:
        """A log has got, through a child, as far as ``head``: what is held of it up to there came again and is taken.

        Returns:
            whether nothing of the log is held any more.

        Raises:
            Unavailable: that could not be noted.
        """
        ...
