"""What children ask: each child waits for its own questions alone, however many another asks."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

WAITING_MAX: Final = 64
"""Questions of one child; a program of ours never has as many on their way, and asks again what is not answered."""

Work = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Questions:
    """The questions that wait, by child."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: dict[str, deque[Work]] = {}
        self._answering: set[asyncio.Task[None]] = set()

    def put(self, child: str, work: Work) -> None:
        """Have a question of a child answered behind those that it has asked before; one too many is dropped."""
        waiting = self._waiting.get(child)
        if waiting is None:
            self._waiting[child] = deque((work,))
            task = asyncio.create_task(self._answer(child))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif len(waiting) < WAITING_MAX:
            waiting.append(work)
        else:
            _log.warning("question_dropped", child=child)

    def end(self) -> None:
        """Answer no more."""
        for task in self._answering:
            task.cancel()
        self._waiting.clear()

    async def _answer(self, child: str) -> None:
        waiting = self._waiting[child]
        try:
            while waiting:
                await _answered(child, waiting.popleft())
        finally:
            if self._waiting.get(child) is waiting:
                del self._waiting[child]


async def _answered(child: str, work: Work) -> None:
    try:
        await work()
    except Exception:  # noqa: BLE001 - the child asks again; its next question is another
        _log.exception("question_not_answered", child=child)
