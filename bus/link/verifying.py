"""A node compares itself with its parent: once a night, and whenever somebody asks for it."""

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bus.link.tasks import Tasks
from bus.replication.log import LogId
from bus.verification.comparison import Comparison
from bus.verification.differences import Verification
from bus.verification.ports import Custody, SharedTables, Source
from domain.shared.ports import Clock

_LOOK_EVERY: Final = 60.0
_SPREAD: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What of a node is compared, and when.

    Attributes:
        tables: what it shows.
        hour: of the night, UTC.
    """

    custody: Custody
    tables: SharedTables
    hour: int


class Verifying:
    """The comparisons of a node with its parent.

    Attributes:
        there: code of the parent.
        last: the one under way, or else the last one, be it of before this start; None before the first.
    """

    def __init__(
        self,
        inspection: Inspection,
        source: Source,
        *,
        here: str,
        there: str,
        concerns: Callable[[LogId], bool],
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        """Compare the node ``here`` with ``source``, which is the node ``there``."""
        self._inspection = inspection
        self._source = source
        self._here = here
        self.there = there
        self._concerns = concerns
        self._clock = clock
        self._tasks = tasks
        self.last: Verification | None = None
        self._repairs = False
        self._asked_for: Verification | None = None

    async def remember(self) -> None:
        """Know again what came of the last comparison before this start, unless there has been one since."""
        kept = await self._inspection.custody.last(self.there)
        self.last = self.last or kept

    def begin(self, *, repair: bool) -> Verification:
        """Begin a comparison, unless one is under way that serves; return it as it begins.

        One that is to repair begins after one that does not; it is returned as it was asked for.
        """
        if self.last is None or self.last.finished_at is not None:
            return self._begin(repair=repair)
        if not repair or self._repairs:
            return self.last
        self._asked_for = self._asked_for or self._new()
        return self._asked_for

    async def run(self) -> None:
        """Begin one each night, and put right what can be."""
        await self.remember()
        due = next_night(self._clock.now(), self._inspection.hour, self._here)
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            if self._clock.now() >= due:
                self.begin(repair=True)
                due = next_night(self._clock.now(), self._inspection.hour, self._here)

    def _new(self) -> Verification:
        since = None if self.last is None else self.last.incomplete_since
        return Verification(here=self._here, there=self.there, started_at=self._clock.now(), incomplete_since=since)

    def _begin(self, *, repair: bool) -> Verification:
        self.last = begun = self._new()
        self._repairs, self._asked_for = repair, None
        self._tasks.once("verification", lambda: self._verify(begun, repair=repair))
        return begun

    async def _verify(self, begun: Verification, *, repair: bool) -> None:
        try:
            await self._compare(begun, repair=repair)
        finally:
            if self._asked_for is not None:
                self._begin(repair=True)

    async def _compare(self, begun: Verification, *, repair: bool) -> None:
        comparison = Comparison(
            self._inspection.custody,
            self._source,
            self._inspection.tables,
            codes=(self._here, self.there),
            custody=self._inspection.custody,
            concerns=self._concerns,
            repair=repair,
        )
        failure: Exception | None = None
        try:
            await comparison.run()
        except Exception as fault:  # noqa: BLE001 - raised again below
            failure = fault
        not_compared = (*comparison.not_compared, *([f"the rest: {type(failure).__name__}"] if failure else []))
        self.last = found = replace(
            begun,
            finished_at=self._clock.now(),
            differences=tuple(comparison.differences),
            behind=tuple(comparison.behind),
            not_compared=not_compared,
            rows=comparison.rows,
            incomplete_since=(begun.incomplete_since or begun.started_at) if not_compared else None,
        )
        await self._inspection.custody.keep(found)
        if failure is not None:
            raise failure
        if found.differences:
            repaired = len(found.differences) - len(found.open)
            self._tasks.note("nodes_differ", parent=self.there, differences=len(found.differences), repaired=repaired)


def next_night(now: datetime, hour: int, code: str) -> datetime:
    """Return when a node's next comparison is due: within this hour of the day, each node at a time of its own."""
    spread = timedelta(seconds=zlib.crc32(code.encode()) % _SPREAD)
    due = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + spread
    return due if due > now else due + timedelta(days=1)
