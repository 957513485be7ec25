"""Has the faults that a node sees raised as alarms, and ended when they are gone."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog

from bus.watch.condition import Condition
from bus.watch.observer import Observer
from bus.watch.rules import FaultKey, faults, key
from bus.watch.thresholds import Thresholds
from domain.alarms.commands import ReportFaults
from domain.alarms.model import TECHNICAL, Alarm, Fault
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock

LOOK_EVERY: Final = 5.0

_log = structlog.get_logger(__name__)

Report = Callable[[ReportFaults], Awaitable[object]]
Standing = Callable[[], Awaitable[Sequence[Alarm]]]


class _Stands(NamedTuple):
    fault: Fault
    seen_at: datetime


class Monitor:
    """Watches a node."""

    def __init__(
        self, observer: Observer, thresholds: Thresholds, *, report: Report, standing: Standing, clock: Clock
    ) -> None:
        """Look through ``observer``; ``standing`` tells which faults an earlier process of the node left open."""
        self._observer = observer
        self._thresholds = thresholds
        self._report = report
        self._left_open = standing
        self._since = clock.now()
        self._standing: dict[FaultKey, _Stands] | None = None

    async def run(self) -> None:
        """Look every few seconds until cancelled; what goes wrong is tried again the next time."""
        while True:
            try:
                await self.turn()
            except Unavailable as refusal:
                _log.warning("watch_waits", error=repr(refusal))
            except Exception:  # noqa: BLE001 - logged; a node that cannot be watched still works
                _log.exception("watch_failed")
            await asyncio.sleep(LOOK_EVERY)

    async def turn(self) -> None:
        """Look once, and report what has begun and what has ended.

        Raises:
            Unavailable: the database does not answer; nothing is forgotten.
        """
        condition = await self._observer.look()
        standing = await self._known(condition)
        found = self.faults(condition)
        begun = tuple(fault for name, fault in found.items() if name not in standing)
        ended = tuple(self._gone(standing, found, condition.at))
        if begun or ended:
            await self._report(ReportFaults(begun=begun, ended=ended))
        for fault in ended:
            del standing[key(fault)]
        for name, fault in found.items():
            standing[name] = _Stands(fault, condition.at)

    async def look(self) -> Condition:
        """Look now, for somebody who asks.

        Raises:
            Unavailable: the database does not answer.
        """
        return await self._observer.look()

    def faults(self, condition: Condition) -> Mapping[FaultKey, Fault]:
        """Return the faults that a condition of this node shows."""
        return faults(condition, self._thresholds, self._since)

    async def _known(self, condition: Condition) -> dict[FaultKey, _Stands]:
        """Return the faults that stand. One that was left open has time to be seen again: some show late."""
        if self._standing is None:
            latest = max(self._thresholds.silent_seconds, self._thresholds.stuck_seconds)
            seen_at = condition.at + timedelta(seconds=latest)
            left_open = [_fault(alarm) for alarm in await self._left_open()]
            self._standing = {key(fault): _Stands(fault, seen_at) for fault in left_open}
        return self._standing

    def _gone(
        self, standing: Mapping[FaultKey, _Stands], found: Mapping[FaultKey, Fault], now: datetime
    ) -> Sequence[Fault]:
        calm = timedelta(seconds=self._thresholds.calm_seconds)
        return [one.fault for name, one in standing.items() if name not in found and now - one.seen_at >= calm]


def _fault(alarm: Alarm) -> Fault:
    cause = alarm.cause.removeprefix(TECHNICAL)
    return Fault(cause=cause, label=alarm.label, text=alarm.text, priority=alarm.priority)
