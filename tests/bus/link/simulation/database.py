"""Databases of the simulation: they take their time, and at times their answer is lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from adapters.memory.changes import MemoryChanges
from adapters.memory.logs import MemoryLogs
from domain.shared.errors import Unavailable


@dataclass(slots=True)
class Disk:
    """How slow the databases are, in seconds, and how often one does not answer."""

    chance: random.Random
    slow: float = 0.0
    unavailable: float = 0.0

    async def turn(self) -> None:
        """Let others go on, if need be this process's end come, and at times fail."""
        if self.slow:
            await asyncio.sleep(self.chance.random() * self.slow)
        if self.chance.random() < self.unavailable:
            raise Unavailable


class SlowLogs(MemoryLogs):
    """The shipped logs in memory; at each call others go on before it and after it. Changes keep their order."""

    def __init__(self, changes: MemoryChanges, disk: Disk) -> None:
        super().__init__(changes)
        self.disk = disk
        self.writing = asyncio.Lock()


def _slowed(name: str, *, writes: bool) -> Callable[..., Awaitable[Any]]:
    work = getattr(MemoryLogs, name)

    async def done(logs: SlowLogs, *args: Any) -> Any:
        turn: AbstractAsyncContextManager[Any] = logs.writing if writes else nullcontext()
        async with turn:
            await logs.disk.turn()
            answer = await work(logs, *args)
        await logs.disk.turn()
        return answer

    return done


for _name in ("held", "find", "read", "hash_at", "epoch"):
    setattr(SlowLogs, _name, _slowed(_name, writes=False))
for _name in ("apply", "recall", "go_on", "give_way", "adopt", "redirect", "begin", "note_arrival", "confirm"):
    setattr(SlowLogs, _name, _slowed(_name, writes=True))
