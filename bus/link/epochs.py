"""Going on under a new epoch: all streams of a node at once, for its logs of every channel change."""

import asyncio
from typing import Protocol

from bus.link.tasks import Tasks
from bus.replication.ports import Logs


class Changing(Protocol):
    """What follows the logs of a node."""

    def end(self) -> None:
        """Leave the logs alone: they are about to become others."""
        ...

    async def again(self) -> None:
        """Begin anew with what is held now."""
        ...


class Epochs:
    """The epochs of a node.

    Attributes:
        turn: held by whoever changes logs other than at their ends, or finds out where they end.
    """

    def __init__(self, logs: Logs, tasks: Tasks) -> None:
        """Begin with those in ``logs``."""
        self.turn = asyncio.Lock()
        self._logs = logs
        self._tasks = tasks
        self._changing: list[Changing] = []

    def concern(self, changing: Changing) -> None:
        """Have somebody begin anew with each epoch."""
        self._changing.append(changing)

    async def go_on(self, above: int) -> None:
        """Go on under an epoch greater than ``above``; what goes wrong is tried again when the parent speaks next."""
        async with self.turn:
            for one in self._changing:
                one.end()
            try:
                epoch = await self._logs.go_on(above)
                self._tasks.note("epoch_opened", above=above, epoch=epoch)
            finally:
                for one in self._changing:
                    await one.again()
