"""What this node cannot take of its children's logs: set aside, and the logs that stand still for it."""

from collections import defaultdict
from collections.abc import Container
from functools import partial

from bus.link.messages import MAX_REASON, Confirmations, NotTaken, encode
from bus.link.stopped import Stopped, StoppedLogs
from bus.link.tasks import Tasks
from bus.link.wire import ChildrenWire, Delivery, Unreachable
from bus.replication import Header, LogId
from domain.shared.ports import Clock


class Aside:
    """What is set aside, each batch once however often its sender repeats it."""

    def __init__(self, wire: ChildrenWire, children: Container[str], *, clock: Clock, tasks: Tasks) -> None:
        """Keep by means of ``wire`` what these children, and others, send."""
        self._wire = wire
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
        is_kept = await self._keep(delivery, reason) if header is None else await self._stop(delivery, reason, header)
        if is_kept:
            await self._wire.settle([delivery])

    def goes_on(self, child: str, log: LogId, head: int) -> None:
        """A log that arrives through a child has got as far as ``head``."""
        self._stopped[child].end(log, head)

    async def _stop(self, delivery: Delivery, reason: str, header: Header) -> bool:
        log, logs = header.log, self._stopped[delivery.child]
        if logs.is_behind(log, header.first):
            return True
        logs.begin(log, header.first, reason)
        if not logs.is_kept(log):
            if not await self._keep(delivery, reason):
                return False
            logs.keep(log)
        word = Confirmations(not_taken=[NotTaken(log, header.first, reason[:MAX_REASON])])
        await self._wire.confirm(delivery.child, encode(word))
        return True

    async def _keep(self, delivery: Delivery, reason: str) -> bool:
        self._tasks.note("batch_set_aside", child=delivery.child, reason=reason)
        try:
            await self._wire.set_aside(delivery, reason)
        except Unreachable:
            return False
        return True
