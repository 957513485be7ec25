"""Waiting for what must come true."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_EVERY = 0.05
WITHIN = 60.0


class DemoFailed(Exception):  # noqa: N818 - told to whoever runs the demo
    """The demo cannot go on; the text says why."""


async def until(condition: Callable[[], Awaitable[bool]], what: str, within: float = WITHIN) -> None:
    """Wait until a condition holds, at most so many seconds.

    Raises:
        DemoFailed: it does not; ``what`` says what was waited for.
    """
    try:
        async with asyncio.timeout(within):
            while not await condition():  # noqa: ASYNC110 - it comes true in other processes
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise DemoFailed(f"not within {within:g} s: {what}") from None
