"""An event loop whose clock jumps to whatever comes next: hours pass in milliseconds, in the same order each time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
BEGINNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class _Selector(selectors.SelectSelector):
    """Never waits; what should have been waited is added to the time."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen any more")
        self.now += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


class LoopClock:
    """The wall clock of such a loop, which may be set."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=asyncio.get_running_loop().time()) + self.ahead


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run work to its end in virtual time."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)


async def until(condition: Callable[[], bool], within: float) -> None:
    """Wait for a condition for so many virtual seconds at most."""
    end = asyncio.get_running_loop().time() + within
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it did not come true"
        await asyncio.sleep(0.01)
