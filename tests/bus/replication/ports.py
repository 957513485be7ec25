"""A store and a line as the shipped link awaits them, so that its own code runs as a task of the simulation."""

import asyncio
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bus.link.messages import NOT_KEPT, NOT_NOW, RangeWanted, decode
from bus.link.wire import Question
from bus.replication import Batch, LogId, Record, unpack
from bus.replication.ports import Applied, HeldLog
from tests.bus.replication.lines import GivenBack, Request, Unreachable

if TYPE_CHECKING:
    from tests.bus.replication.process import Process


class Waits:
    """Lets others go on; a request is waited for."""

    def __init__(self, request: Request | None = None) -> None:
        self.request = request

    def __await__(self) -> Generator[Request | None, Any, Any]:
        return (yield self.request)


class StoreLogs:
    """The store of a process."""

    def __init__(self, process: "Process") -> None:
        self._process = process

    async def find(self, log: LogId) -> HeldLog | None:
        held = self._process.store.find(log)
        await Waits()
        return held

    async def hash_at(self, log: LogId, seq: int) -> bytes | None:
        found = self._process.store.hash_at(log, seq)
        await Waits()
        return found

    async def read(self, log: LogId, first: int, limit: int) -> tuple[bytes, list[Record]]:
        found = self._process.store.read(log, first, limit)
        await Waits()
        return found

    async def places(self, origin: str, ids: Collection[bytes]) -> Mapping[bytes, Collection[tuple[LogId, int]]]:
        return self._process.store.places(origin, ids)

    async def recall(self, batch: Batch) -> Applied:
        applied = self._process.recall(batch)
        await Waits()
        return applied

    async def give_way(self, log: LogId, seq: int) -> None:
        self._process.give_way(log, seq)
        await Waits()

    async def epoch(self) -> int:
        return self._process.store.epoch

    async def go_on(self, above: int) -> int:
        epoch = self._process.store.go_on(above, self._process.world.rng)
        self._process.world.books.trace(self._process, "goes on under epoch", epoch)
        await Waits()
        return epoch

    async def adopt(self, batch: Batch) -> None:
        for log, seq in self._process.store.adopt(batch):
            self._process.recorded(log, seq)
        await Waits()


class Asking:
    """The line to the parent."""

    def __init__(self, process: "Process") -> None:
        self._process = process

    async def ask(self, question: Question, data: bytes) -> bytes:
        what = decode(RangeWanted, data) if question is Question.RANGE else GivenBack(unpack(data), data)
        answer = await Waits(Request(what, self._process))
        return b"" if answer is None else answer if isinstance(answer, bytes) else answer.data

    async def pass_up(self, data: bytes) -> bytes:
        """Pass up what a child gave back."""
        if not self._process.parent:
            return NOT_KEPT
        try:
            return await self.ask(Question.RETURN, data)
        except Unreachable:
            return NOT_NOW


class _Loop:
    """So much of a loop as tells the time."""

    def __init__(self, now: float) -> None:
        self._now = now

    def time(self) -> float:
        return self._now


@contextmanager
def time_is(now: float) -> Iterator[None]:
    """Have the shipped code find this time in its loop."""
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(_Loop(now))  # type: ignore[arg-type] # all that is asked of it
    try:
        yield
    finally:
        asyncio._set_running_loop(before)


class Unheard:
    """Tasks that tell nobody."""

    def note(self, event: str, **facts: object) -> None:
        """Count nothing."""
