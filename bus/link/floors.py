"""Logs whose beginning is held nowhere that it could come from: they go on where the neighbour's begins.

A site that has removed what is past its time may hang on a parent that never had it: its audit trail after a move, or
anything where the centre was put back by more than the retention. What was recorded since must not wait for that.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from bus.catalogue import UP
from bus.link.messages import EVERY_FEED, Floor
from bus.link.recalling import NotSupplied, Recalling
from bus.link.tasks import Tasks
from bus.link.wire import Unreachable
from bus.replication.log import START, LogId, Position
from bus.replication.ports import HeldLog, Logs, NotThisWay
from domain.shared.errors import Unavailable


class Above:
    """What this node's parent gives."""

    def __init__(self, recalling: Recalling, is_up: Callable[[], bool]) -> None:
        """Ask by ``recalling``, while the parent listens to this node: ``is_up``."""
        self._recalling = recalling
        self._is_up = is_up

    async def gives(self, log: LogId, seq: int) -> bool:
        """Tell whether the parent gives an event.

        Raises:
            Unreachable: that is not known now.
        """
        if not self._is_up():
            raise Unreachable("the parent does not answer")
        try:
            await self._recalling.ask(log, seq, 1)
        except NotSupplied:
            return False
        return True


class Floors:
    """Where the logs of children begin, if that is behind what is held here."""

    def __init__(self, children: Mapping[str, Sequence[str]], logs: Logs, tasks: Tasks, above: Above | None) -> None:
        """Look after the logs of ``children`` (with the scopes of each); ``above`` is None at the centre."""
        self._children = children
        self._logs = logs
        self._tasks = tasks
        self._above = above
        self._under_way: set[LogId] = set()

    def hear(self, child: str, floors: Sequence[Floor]) -> None:
        """A child says where logs begin there; of one that cannot go on yet it will say so again."""
        for floor in floors:
            if floor.log not in self._under_way and self._may_send(child, floor.log):
                self._under_way.add(floor.log)
                self._tasks.once("floor", partial(self._settle, child, floor))

    def _may_send(self, child: str, log: LogId) -> bool:
        passes_on = EVERY_FEED in self._children.get(child, ()) and log.origin not in self._children
        return log.channel in UP and (log.origin == child or passes_on)

    async def _settle(self, child: str, floor: Floor) -> None:
        try:
            with suppress(Unavailable, Unreachable):
                await self._go_on(child, floor)
        finally:
            self._under_way.discard(floor.log)

    async def _go_on(self, child: str, floor: Floor) -> None:
        log, held = floor.log, await self._logs.find(floor.log)
        head = 0 if held is None else held.head.seq
        if head >= floor.position.seq or self._may_come(child, held):
            return
        if self._above is not None and await self._above.gives(log, head + 1):
            return
        await self._logs.redirect(log, child)
        await go_on(self._logs, floor, child, self._tasks)

    def _may_come(self, child: str, held: HeldLog | None) -> bool:
        """Tell whether another child may still bring what is missing."""
        return held is not None and held.via != child and held.via in self._children


class ParentFloors:
    """Where the parent's copies of others' facts begin, if that is behind what is held here."""

    def __init__(self, logs: Logs, tasks: Tasks, parent: str) -> None:
        """Look after what comes down from ``parent``."""
        self._logs = logs
        self._tasks = tasks
        self._parent = parent
        self._floors: dict[LogId, Position] = {}

    def see(self, floors: Sequence[Floor]) -> None:
        """Take what the parent says."""
        self._floors = {floor.log: floor.position for floor in floors if floor.log.channel in UP}

    async def go_on(self, log: LogId, head: int) -> None:
        """The parent gives nothing of a log behind ``head``."""
        position = self._floors.get(log, START)
        if position.seq > head:
            with suppress(Unavailable, NotThisWay):
                await go_on(self._logs, Floor(log, position), self._parent, self._tasks)


async def go_on(logs: Logs, floor: Floor, via: str, tasks: Tasks) -> None:
    """Have a log that arrives through a neighbour go on where it begins there; what is missing is told of.

    Raises:
        NotThisWay, Unavailable: as `Logs.go_on_behind`.
    """
    log = floor.log
    missing = await logs.go_on_behind(log, floor.position, via)
    if missing:
        last = floor.position.seq
        tasks.note("events_missing", origin=log.origin, channel=log.channel, events=missing, last=last, via=via)
