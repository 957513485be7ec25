"""The ports through which the link reaches its neighbours."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from bus.catalogue import ALARMS, UP
from bus.replication.batch import PackedBatch
from bus.replication.pace import SHORTEST


class Unreachable(Exception):  # noqa: N818 - a state of the line, not of the program
    """The neighbour did not take a message or did not answer in time; whether it got it is not known."""


class Unanswered(Unreachable):
    """There was no answer in time."""


class Stream(StrEnum):
    """The two streams of a node in which batches of its children wait, each with its own connection and applier."""

    ALARMS = "alarms"
    BULK = "bulk"


CHANNELS: Final[Mapping[Stream, tuple[str, ...]]] = {
    Stream.ALARMS: (ALARMS,),
    Stream.BULK: tuple(channel for channel in UP if channel != ALARMS),
}


class Question(StrEnum):
    """What a child may ask its parent: what is new, events, to keep what cannot be taken, what there is, snapshots."""

    HELLO = "hello"
    RANGE = "range"
    REFUSED = "refused"
    RETURN = "return"
    DIGEST = "digest"
    SNAPSHOT = "snapshot"


Hear = Callable[[bytes], None]
"""Told of what the parent says on its own account; must not block."""

Answer = Callable[[str, Question, bytes], Awaitable[bytes]]
"""Answers a child (its code, what it asks, the question itself)."""


class ParentWire(Protocol):
    """One connection towards the parent."""

    async def run(self, *, feeds: Collection[str], confirmations: Hear, broadcast: Hear) -> None:
        """Stay connected, and pass on what the parent says, until cancelled.

        Args:
            feeds: whose broadcasts are wanted; `EVERY_FEED` for all.
            confirmations: hears `Confirmations`.
            broadcast: hears batches of these feeds.
        """
        ...

    async def send(self, batch: PackedBatch, within: float = SHORTEST) -> None:
        """Put a batch into the parent's stream; return when the broker has taken it.

        Batches are put in the order of the calls, without waiting for each other.

        Args:
            batch: goes under its own message id.
            within: seconds for which the broker's word is awaited.

        Raises:
            Unreachable: it was not taken, or nobody knows.
        """
        ...

    async def ask(self, question: Question, data: bytes) -> bytes:
        """Ask the parent.

        Raises:
            Unreachable: there is no answer; `Unanswered`: none in time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of a child's, waiting in a stream of this node.

    Attributes:
        child: as the broker vouches for it.
        receipt: what the wire needs to settle it.
    """

    child: str
    data: bytes
    receipt: str


class ChildrenWire(Protocol):
    """The connection on which the children are served."""

    @property
    def unwritable(self) -> Mapping[Stream, str]:
        """Streams into which the broker took nothing when it was looked at last, and why. They are made anew."""
        ...

    async def run(self, answer: Answer) -> None:
        """Stay connected, keep the streams, and answer the children, until cancelled."""
        ...

    async def take(self, stream: Stream, most: int) -> Sequence[Delivery]:
        """Wait for messages of a stream, at least one; return them in order.

        What is taken and not settled comes again.
        """
        ...

    async def settle(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are done with; when it does not hear they come again."""
        ...

    async def confirm(self, child: str, data: bytes) -> None:
        """Say `Confirmations` to a child; nobody knows whether it hears."""
        ...

    async def broadcast(self, channel: str, data: bytes) -> None:
        """Say a batch of a feed to all children; nobody knows who hears."""
        ...
