"""What this node cannot take of its children's logs: set aside, and the logs that stand still for it."""

from collections import defaultdict
from collections.abc import Container
from functools import partial

from bus.link.batches import STRANGERS, BatchQuarantine, Untaken
from bus.link.messages import MAX_REASON, Confirmations, NotTaken, encode
from bus.link.stopped import Stopped, StoppedLogs
from bus.link.tasks import Tasks
from bus.link.wire import ChildrenWire, Delivery
from bus.replication import BatchUnreadable, Header, LogId, peek
from bus.replication.record import MAX_INT
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock


class Aside:
    """What is set aside, each batch once however often its sender repeats it."""

    def __init__(
        self,
        wire: ChildrenWire,
        children: Container[str],
        *,
        batches: BatchQuarantine,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        """Keep among ``batches`` what these children, and others, send."""
        self._wire = wire
        self._batches = batches
        self._going: set[tuple[str, LogId]] = set()
        self._tasks = tasks
        self._children = children
        self._stopped: defaultdict[str, StoppedLogs] = defaultdict(partial(StoppedLogs, clock=clock, tasks=tasks))

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """The children's logs that stand still."""
        return tuple(one for child, logs in self._stopped.items() if child in self._children for one in logs.all)

    async def put(self, delivery: Delivery, reason: str, header: Header | None = None) -> None:
        """Keep what cannot be taken, then settle it; if it cannot be kept it comes again.

        The log that ``header`` names stands still, and its sender is told. What comes behind that is not kept.
        """
        if header is None:
            is_kept = await self._keep(delivery.child, delivery.data, reason)
        else:
            is_kept = await self._stop(delivery, reason, header)
        if is_kept:
            await self._wire.settle([delivery])

    async def hand_back(self, child: str, data: bytes, reason: str) -> bool:
        """Keep what this node said and a child cannot take; tell whether it is kept."""
        return await self._keep(child, data, reason, header_of(data), is_refused=True)

    async def give_way(self, origin: str, data: bytes, reason: str) -> None:
        """Keep events of another node that give way to the parent's history of its log.

        Raises:
            Unavailable: they are not kept.
        """
        self._tasks.note("batch_set_aside", child=origin, reason=reason)
        await self._batches.keep(
            Untaken(child=origin, room=origin, data=data, reason=reason, header=header_of(data), is_refused=True)
        )

    def goes_on(self, child: str, log: LogId, head: int) -> None:
        """A log that arrives through a child has got as far as ``head``.

        What is held of it has come again; what a predecessor of this process kept is looked for once. A child sends
        a log only when all that it holds of those of earlier epochs is here.
        """
        self._settle_once(child, log, head)
        self.reached(log, head)
        for other, logs in self._stopped.items():
            for earlier in logs.end_earlier(log):
                self._settle_once(other, earlier, MAX_INT)

    def reached(self, log: LogId, head: int) -> None:
        """A log of another node has got as far as ``head``, whichever way: nobody is waited for any more."""
        if log.origin in self._children:
            self._settle_once(log.origin, log, head)
        for child, logs in self._stopped.items():
            if logs.end(log, head):
                self._settle_once(child, log, head)

    def _settle_once(self, child: str, log: LogId, head: int) -> None:
        if (child, log) not in self._going:
            self._going.add((child, log))
            self._tasks.once("settle held batches", partial(self._settle, child, log, head))

    async def _settle(self, child: str, log: LogId, head: int) -> None:
        is_all = False
        try:
            is_all = await self._batches.settle(child, log, head)
        finally:
            if not is_all:
                self._going.discard((child, log))

    async def _stop(self, delivery: Delivery, reason: str, header: Header) -> bool:
        log, logs = header.log, self._stopped[delivery.child]
        if logs.is_behind(log, header.first):
            return True
        logs.begin(log, header.first, reason)
        if not logs.is_kept(log):
            if not await self._keep(delivery.child, delivery.data, reason, header):
                return False
            logs.keep(log)
        word = Confirmations(not_taken=[NotTaken(log, header.first, reason[:MAX_REASON])])
        await self._wire.confirm(delivery.child, encode(word))
        return True

    async def _keep(
        self, child: str, data: bytes, reason: str, header: Header | None = None, *, is_refused: bool = False
    ) -> bool:
        self._tasks.note("batch_set_aside", child=child, reason=reason)
        if header is not None:
            self._going.discard((child, header.log))
        room = child if child in self._children else STRANGERS
        untaken = Untaken(child=child, room=room, data=data, reason=reason, header=header, is_refused=is_refused)
        try:
            await self._batches.keep(untaken)
        except Unavailable as refusal:
            self._tasks.note("batch_not_kept", child=child, error=repr(refusal))
            return False
        return True


def header_of(data: bytes) -> Header | None:
    """Return what bytes say of themselves as a batch, or None."""
    try:
        return peek(data)
    except BatchUnreadable:
        return None
