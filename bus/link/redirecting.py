"""Logs that come another way than they did: batches that are here already, or early, and who may bring the rest."""

from bus.link.aside import Aside
from bus.link.detours import Detours
from bus.link.messages import Confirmations, Missing, encode
from bus.link.tasks import Tasks
from bus.link.wire import ChildrenWire, Delivery
from bus.replication import Header
from bus.replication.ports import Logs


class Redirecting:
    """Judges batches of logs that do not arrive through who sends them."""

    def __init__(self, wire: ChildrenWire, logs: Logs, tasks: Tasks, *, aside: Aside, detours: Detours) -> None:
        """Answer over ``wire``; ``detours`` tells of logs that arrive another way."""
        self._wire = wire
        self._logs = logs
        self._tasks = tasks
        self._aside = aside
        self._detours = detours

    async def is_here(self, delivery: Delivery, header: Header) -> bool:
        """Tell whether all of a batch is here another way than through who sent it, who then hears of that."""
        confirmed = await self._detours.held(delivery.child, header)
        if confirmed is None:
            return False
        self._aside.goes_on(delivery.child, header.log, header.last)
        await self._wire.settle([delivery])
        await self._wire.confirm(delivery.child, encode(Confirmations([confirmed])))
        return True

    async def is_early(self, delivery: Delivery, header: Header) -> bool:
        """Tell whether what lies ahead of a batch is still to come the way it came before; the sender then hears so."""
        held = await self._logs.find(header.log)
        if held is None or not self._detours.may_begin(delivery.child, held) or header.first <= held.head.seq + 1:
            return False
        await self._wire.settle([delivery])
        missing = Missing(header.log, held.head.seq + 1, header.generation)
        await self._wire.confirm(delivery.child, encode(Confirmations(missing=[missing])))
        return True

    async def redirect(self, child: str, header: Header) -> bool:
        """Have a log arrive through the child that may send it, once whoever sent it before is not its origin's parent.

        One that brings nothing new changes nothing, else two children that hold the same would take turns for ever.
        Nor does one that lacks what lies ahead of it: that is still to come the former way. Tells whether it was done.
        """
        log = header.log
        held = await self._logs.find(log)
        if held is None or not self._detours.may_begin(child, held) or header.first > held.head.seq + 1:
            return False
        if await self._detours.held(child, header) is not None:
            return False
        self._detours.begin(held)
        self._tasks.note("log_redirected", origin=log.origin, channel=log.channel, before=held.via, child=child)
        return await self._logs.redirect(log, child)
