"""Changes on a database, and who is told of them once they are durable."""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from adapters.database.change import DatabaseChange
from adapters.database.session import Database, Session
from bus.ports import Listener, WholeChange
from bus.replication.clock import HybridClock
from bus.replication.seal import Seal
from domain.shared.actors import Actor
from domain.shared.ports import Clock, Ids

T = TypeVar("T")


class DatabaseChanges:
    """Opens and ends changes on a node's database, one after the other: what a handler read is true when it decides.

    Attributes:
        listeners: told of events that a change has put on record.
        watchers: told of events of any node that were on record, in quarantine, and that a change has shown.
    """

    def __init__(
        self,
        database: Database,
        *,
        node: str,
        clock: Clock,
        ids: Ids,
        hybrid: HybridClock,
        seal: Seal,
        device_formats: Collection[str] = (),
        lists: Collection[str] = (),
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        """Record events of ``node``; an object is checked once the feeds ``lists`` have arrived.

        ``has_room``: whether the node's disk has room for what it can do without.
        """
        self._database = database
        self._node = node
        self._clock = clock
        self._ids = ids
        self._hybrid = hybrid
        self._seal = seal
        self._device_formats = device_formats
        self._lists = lists
        self._has_room = has_room
        self.listeners: list[Listener] = []
        self.watchers: list[Listener] = []

    async def run(self, actor: Actor, work: Callable[[WholeChange], Awaitable[T]]) -> T:
        """Run ``work`` in one atomic change and return its answer once it is durable."""

        async def within(session: Session) -> tuple[T, DatabaseChange]:
            change = DatabaseChange(
                session,
                node=self._node,
                actor=actor,
                now=self._clock.now(),
                ids=self._ids,
                hybrid=self._hybrid,
                seal=self._seal,
                device_formats=self._device_formats,
                lists=self._lists,
                has_room=self._has_room(),
            )
            answer = await work(change)
            return answer, change

        answer, _ = await self._database.write(within, self._tell, alone=True)
        return answer

    def _tell(self, made: tuple[T, DatabaseChange]) -> None:
        _, change = made
        for told, listeners in ((change.recorded, self.listeners), (change.shown, self.watchers)):
            if told:
                for listener in listeners:
                    listener(told)
