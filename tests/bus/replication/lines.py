"""The lines of the simulation, on which anything may be lost, repeated or overtaken, and the brokers at their ends."""

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bus.link.messages import Confirmations, Hello, RangeWanted
from bus.replication import Batch, PackedBatch

if TYPE_CHECKING:
    from tests.bus.replication.process import Process

Task = Generator["Request | None", Any, None]
"""Work of a process. At each yield others may go on, and the process may die; what is yielded is waited for."""


class Unreachable(Exception):  # noqa: N818 - a state of the line
    """There is no answer."""


class Stream(StrEnum):
    """The streams of a parent."""

    ALARMS = "alarms"
    BULK = "facts"


@dataclass(slots=True)
class Broadcast:
    """A batch of a feed."""

    batch: PackedBatch


@dataclass(slots=True)
class Sent:
    """A batch that is published."""

    stream: Stream
    batch: PackedBatch


@dataclass(slots=True)
class GivenBack:
    """What a child gives back to the owner of a log."""

    batch: Batch
    data: bytes


@dataclass(slots=True)
class Request:
    """What a process does towards its parent and waits for: a batch is published, or a question is asked."""

    what: Sent | Hello | RangeWanted | GivenBack
    process: "Process"
    task: Task | None = None


@dataclass(slots=True)
class Answer:
    """What comes back for a request."""

    request: Request
    what: Any


Item = Request | Answer | Confirmations | Broadcast


class Line:
    """The line between a child and its parent, with all that is under way on it."""

    def __init__(self, child: str, parent: str) -> None:
        self.child = child
        self.parent = parent
        self.is_cut = False
        self.moving: list[Item] = []


@dataclass(slots=True)
class Delivery:
    """A batch in a stream."""

    child: str
    batch: PackedBatch
    settled: bool = False


class Broker:
    """A stream at a parent. What it has acknowledged it may forget, and hand out again."""

    def __init__(self) -> None:
        self.messages: list[Delivery] = []
        self.cursor = 0
        self._known: set[str] = set()
        self._synced = 0

    @property
    def unread(self) -> bool:
        return self.cursor < len(self.messages)

    def put(self, child: str, batch: PackedBatch) -> None:
        if batch.header.message_id not in self._known:
            self._known.add(batch.header.message_id)
            self.messages.append(Delivery(child, batch))

    def take(self, most: int) -> list[Delivery]:
        """Hand out what comes next of one child."""
        taken: list[Delivery] = []
        while self.unread and len(taken) < most:
            following = self.messages[self.cursor]
            if taken and following.child != taken[0].child:
                break
            self.cursor += 1
            if not following.settled:
                taken.append(following)
        return taken

    def redeliver(self) -> None:
        """What was taken and not settled comes again."""
        unsettled = (at for at, one in enumerate(self.messages[: self.cursor]) if not one.settled)
        self.cursor = next(unsettled, min(self.cursor, len(self.messages)))

    def power_failure(self, *, ahead: bool) -> None:
        """Lose what was not synced; the consumer's place may survive, ahead of the stream."""
        del self.messages[self._synced :]
        if not ahead:
            self.cursor = min(self.cursor, self._synced)

    def sync(self) -> None:
        self._synced = len(self.messages)

    def jump(self, by: int) -> None:
        """The consumer's place is another one."""
        self.cursor = max(0, min(len(self.messages), self.cursor + by))
        for one in self.messages[self.cursor :]:
            one.settled = False

    def forget_ids(self) -> None:
        """The window of duplicates has passed."""
        self._known.clear()

    def readable(self) -> list[tuple[str, PackedBatch]]:
        """Return what is still to be taken, in order."""
        return [(one.child, one.batch) for one in self.messages[self.cursor :]]
