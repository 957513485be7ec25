"""Subscribers at the nodes, who remember what they were told."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sites.desk import Desk

REGISTRATIONS = """subscription Registrations {
  registrations { registration { id node label lane kind screening { outcome listVersion { feed seq hash } } } }
}
"""
ALARMS = """subscription Alarms {
  alarms {
    change
    alarm {
      id node source label lane text priority state acknowledgedBy acknowledgedAt match { entryId key tier read }
    }
  }
}
"""

WITHIN = 20.0

Told = Mapping[str, Any]


class Subscriber:
    """Somebody who follows registrations and alarms at a node."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: list[Told] = []
        self._news = asyncio.Event()

    async def run(self) -> None:
        async for told in self._desk.follow(REGISTRATIONS, ALARMS):
            self._told.append(told)
            self._news.set()

    def alarms(self, label: str) -> Sequence[Told]:
        told = (one["alarms"] for one in self._told if "alarms" in one)
        return [one for one in told if one["alarm"]["label"] == label]

    def registrations(self, label: str) -> Sequence[Told]:
        told = (one["registrations"]["registration"] for one in self._told if "registrations" in one)
        return [one for one in told if one["label"] == label]

    async def alarm(self, label: str, change: str = "RAISED", within: float = WITHIN) -> Told:
        """Wait until told of an alarm, and return it."""
        heard: list[Told] = []

        def is_heard() -> bool:
            heard[:] = [one["alarm"] for one in self.alarms(label) if one["change"] == change]
            return bool(heard)

        await self._wait(is_heard, f"{change} of {label}", within)
        return heard[0]

    async def registration(self, label: str) -> Told:
        """Wait until told of a registration, and return it."""
        await self._wait(lambda: bool(self.registrations(label)), f"registration of {label}", WITHIN)
        return self.registrations(label)[0]

    async def _wait(self, is_heard: Callable[[], bool], what: str, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                while not is_heard():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not heard: {what}") from None
