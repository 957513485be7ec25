"""Waiting for what must come true, instead of for a time."""

import asyncio
import time
from collections.abc import Callable


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait until a condition holds, at most so many seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        await asyncio.sleep(0.005)
