"""Follows the parent's feeds: by its broadcasts while they are contiguous, by asking for ranges where they are not.

What cannot be applied for now is tried again; what never can is set aside, and its feed stands still, for a log has no
holes. The other feeds go on.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from bus.catalogue import ALARMS, COPIED, UP, feeds_of, is_feed
from bus.link.applier import TRIED_AGAIN_AFTER
from bus.link.behind import Behind
from bus.link.floors import ParentFloors
from bus.link.halves import halves
from bus.link.loading import FAR_BEHIND, Loader
from bus.link.messages import EVERY_FEED, Floor, Standing
from bus.link.offering import Offering
from bus.link.ranges import Ranges
from bus.link.reasons import chains, reason_of, refusal
from bus.link.recalling import NotSupplied, Recalling
from bus.link.shares import SHARE, Shares
from bus.link.standstill import Standstill
from bus.link.stopped import Stopped
from bus.link.tasks import FIRST_PAUSE, LONGEST_PAUSE, Tasks
from bus.link.wire import ParentWire, Unreachable
from bus.replication import (
    Apply,
    Batch,
    BatchTooNew,
    BatchUnreadable,
    Fork,
    Gap,
    LogId,
    Position,
    unpack,
)
from bus.replication.ports import Applied, HeldLog, Logs, NotThisWay
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock
from domain.upkeep.errors import BatchNotKept

QUEUE_MAX: Final = 64
T = TypeVar("T")


class Follower:
    """The feeds of a child.

    Attributes:
        wanted: names of the feeds, or `EVERY_FEED` alone.
        behind: what is still to come of them.
    """

    def __init__(
        self,
        wire: ParentWire,
        recalling: Recalling,
        *,
        parent: str,
        scopes: Sequence[str],
        below: Mapping[str, Sequence[str]],
        logs: Logs,
        clock: Clock,
        tasks: Tasks,
        loader: Loader | None,
    ) -> None:
        """Follow the feeds of these scopes; the scope `EVERY_FEED` means all there are.

        ``below``: the scopes of each child, who come and go. ``loader`` takes over where too much is missing.
        """
        self.wanted = wanted_of(scopes)
        self.behind = Behind()
        self._scopes = scopes
        self._below = below
        self._ranges = Ranges(wire, tasks)
        self._recalling = recalling
        self._differing: set[LogId] = set()
        self._offering = Offering(recalling, logs, tasks)
        self._parent = parent
        self._logs = logs
        self._tasks = tasks
        self._loader = loader
        self._batches: deque[bytes] = deque(maxlen=QUEUE_MAX)
        self._heads: dict[LogId, Standing] = {}
        self._floors = ParentFloors(logs, tasks, parent)
        self._something = asyncio.Event()
        self._shares = Shares()
        self._standstill = Standstill(wire, clock=clock, tasks=tasks)

    @property
    def named(self) -> Sequence[str]:
        """What the parent is told of the feeds wanted here, and of those that this node's own children want."""
        below = (scope for scopes in self._below.values() for scope in scopes)
        return sorted({*self.wanted, *feeds_of(tuple({*self._scopes, *below} - {EVERY_FEED}))})

    @property
    def stopped(self) -> tuple[Stopped, ...]:
        """The feeds that stand still."""
        return self._standstill.feeds

    def concerns(self, log: LogId) -> bool:
        """Tell whether this node and its parent must both hold a log that goes up, or a feed."""
        return log.channel in UP or self._wants(log)

    async def held(self) -> list[Standing]:
        """Return how far this node is in the feeds that it follows, or in as many of them as one message holds.

        Those that came from a former parent are among them: it may be that nobody else has them any more.
        """
        standings = [
            Standing(one.log, one.head, one.arrived)
            for one in await self._logs.held()
            if one.via is not None and one.via not in self._below and self._wants(one.log)
        ]
        return self._shares.next(standings)

    def hear(self, data: bytes) -> None:
        """Take a broadcast batch. One that is crowded out is asked for later."""
        self._batches.append(data)
        self._something.set()

    def see(self, heads: Sequence[Standing], floors: Sequence[Floor] = ()) -> None:
        """Take the heads of feeds that the parent holds otherwise, and where others' facts begin there."""
        self._floors.see(floors)
        wanted = [head for head in heads if self._wants(head.log)]
        self.behind.told(wanted, len(heads))
        if len(heads) < SHARE:
            self._standstill.listed([head.log for head in wanted])
        for head in wanted:
            self._heads[head.log] = head
            self._something.set()

    async def run(self) -> None:
        """Apply what comes, and ask for what is missing."""
        while True:
            await self._something.wait()
            self._something.clear()
            try:
                while self._batches or self._heads:
                    if self._batches:
                        await self._follow(self._batches.popleft())
                    else:
                        await self._reach(self._heads.pop(min(self._heads, key=_in_order)))
            except Exception:
                self._something.set()
                raise

    async def _follow(self, data: bytes) -> None:
        batch = await self._readable(data)
        if batch is None or not self._wants(batch.header.log) or self._holds(batch.header.log):
            return
        applied = await self._apply(batch, data)
        if applied is not None and isinstance(applied.verdict, Gap):
            await self._catch_up(batch.header.log, applied.held, batch.header.last)

    async def _reach(self, head: Standing) -> None:
        """Get to where the parent is. If it has had all of the feed, then so has this node."""
        log, position = head.log, head.position
        if self._holds(log):
            return
        held = await self._patiently(partial(self._logs.find, log))
        self.behind.reached(log, 0 if held is None else held.head.seq)
        if held is not None and held.via in self._below:
            self._standstill.end(log, held.head.seq)
            await self._take_back(log, held.head.seq, position)
            return
        before = 0 if held is None else held.head.seq
        if log not in self._differing:
            held = await self._catch_up(log, held, position.seq)
        at = 0 if held is None else held.head.seq
        if at < position.seq and log not in self._differing:
            if at > before:
                self._heads.setdefault(log, head)
            return
        own = await self._patiently(partial(self._logs.hash_at, log, position.seq))
        if log in self._differing or own not in (None, position.hash):
            self._differing.discard(log)
            await self._give_way(log, at, position)
            return
        await self._patiently(partial(self._offering.offer, log, at, position))
        if held is not None and held.via != self._parent and held.head == position:
            await self._patiently(partial(self._logs.redirect, log, self._parent))
        if head.arrived and (held is None or not held.arrived):
            await self._arrive(log)

    async def _give_way(self, log: LogId, head: int, position: Position) -> None:
        """Take over the parent's history of a feed: it is nearer to its owner."""
        self._tasks.note("feed_gives_way", channel=log.channel, epoch=log.epoch, at=position.seq)
        try:
            await self._recalling.bring(log, head, position)
        except (BatchNotKept, NotSupplied, LookupError, ValueError) as refusal:
            if self._loader is not None and is_feed(log.channel) and await self._is_floored(log):
                await self._loader.require(log.channel)
                return
            await self._standstill.begin(log, position.seq, f"the parent has another history: {refusal}")
        else:
            self._standstill.end(log, position.seq)

    async def _take_back(self, log: LogId, at: int, position: Position) -> None:
        """Take what the parent has of a child's log and the child does not: it has lost that since it moved here."""
        if at < position.seq and self._offering.is_told_again(log, position):
            self._tasks.note("log_taken_back", origin=log.origin, channel=log.channel, epoch=log.epoch, at=at)
            try:
                await self._recalling.bring(log, at, position)
            except (BatchNotKept, NotSupplied, LookupError, ValueError):
                return

    async def _arrive(self, log: LogId) -> None:
        try:
            await self._patiently(partial(self._logs.note_arrival, log, self._parent))
        except NotThisWay as refusal:
            if await self._redirected(log):
                await self._patiently(partial(self._logs.note_arrival, log, self._parent))
            elif not await self._comes_from_below(log):
                await self._standstill.begin(log, 1, str(refusal))

    async def _catch_up(self, log: LogId, held: HeldLog | None, head: int) -> HeldLog | None:
        """Ask for events until this node holds ``head``, or no more can be had now; return how the log stands then.

        A copy of another node's log gives way to feeds and broadcasts after each range.
        """
        while (at := 0 if held is None else held.head.seq) < head:
            if self._loads(log, behind=head - at):
                return held
            applied = await self._fetch(log, at + 1)
            if applied is None or applied.held.head.seq <= at:
                if not self._holds(log):
                    self.behind.asked_in_vain(log, at)
                return held
            held = applied.held
            if not is_feed(log.channel):
                return held
        return held

    async def _fetch(self, log: LogId, first: int) -> Applied | None:
        """Ask for events from ``first`` on, and apply them; None: they do not come, or cannot be taken."""
        try:
            data = await self._ranges.ask(log, first)
        except Unreachable:
            return None
        if not data:
            self._loads(log, behind=None)
            await self._floors.go_on(log, first - 1)
            return None
        batch = await self._readable(data, log, first)
        return None if batch is None else await self._apply(batch, data)

    async def _readable(self, data: bytes, wanted: LogId | None = None, first: int = 1) -> Batch | None:
        """Take a batch apart, or set it aside; the feed ``wanted`` then stands still at ``first``."""
        try:
            batch = unpack(data)
        except (BatchUnreadable, BatchTooNew) as reason:
            await self._set_aside(data, reason_of(reason), wanted, first)
            return None
        if wanted not in (None, batch.header.log):
            await self._set_aside(data, f"{batch.header.log} is not what was asked for", wanted, first)
            return None
        return batch

    async def _apply(self, batch: Batch, data: bytes) -> Applied | None:
        """Apply a batch; None when it, or a part of it, can never be: that part is set aside."""
        header = batch.header
        try:
            applied = await self._insistently(batch)
        except Exception as failure:  # noqa: BLE001 - nothing may block the other feeds, whatever is wrong with it
            if header.n > 1 and not isinstance(failure, NotThisWay) and chains(batch):
                return await self._apply_parts(batch)
            if isinstance(failure, NotThisWay) and await self._comes_from_below(header.log):
                return None
            await self._set_aside(data, reason_of(failure), header.log, header.first)
            return None
        if isinstance(applied.verdict, Fork):
            self._differing.add(header.log)
            return applied
        reason = refusal(applied)
        if reason is not None:
            await self._set_aside(data, reason, header.log, header.first)
            return None
        if isinstance(applied.verdict, Apply):
            self._standstill.end(header.log, applied.held.head.seq)
            self.behind.reached(header.log, applied.held.head.seq)
        return applied

    async def _apply_parts(self, batch: Batch) -> Applied | None:
        """Apply as much of a batch as can be: all that lies ahead of what is at fault."""
        applied = None
        for part, data in halves(batch):
            applied = await self._apply(part, data)
            if applied is None:
                break
        return applied

    async def _insistently(self, batch: Batch) -> Applied:
        """Apply a batch; one event alone is tried more than once before it counts as refused."""
        for pause in TRIED_AGAIN_AFTER if batch.header.n == 1 else ():
            try:
                return await self._patiently(partial(self._applied, batch))
            except NotThisWay:
                raise
            except Exception:  # noqa: BLE001 - the last try tells
                await asyncio.sleep(pause)
        return await self._patiently(partial(self._applied, batch))

    async def _applied(self, batch: Batch) -> Applied:
        try:
            (applied,) = await self._logs.apply([batch], self._parent)
        except NotThisWay:
            if not await self._redirected(batch.header.log):
                raise
            (applied,) = await self._logs.apply([batch], self._parent)
        return applied

    async def _redirected(self, log: LogId) -> bool:
        """Have a log come down that arrived through a child which is none any more."""
        held = await self._logs.find(log)
        return held is not None and held.via not in self._below and await self._logs.redirect(log, self._parent)

    async def _comes_from_below(self, log: LogId) -> bool:
        """Tell whether a log arrives through a child by now: what was asked for came too late, and is not missed."""
        held = await self._patiently(partial(self._logs.find, log))
        return held is not None and held.via in self._below

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work as soon as the database is available."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await work()
            except Unavailable as refusal:
                self._tasks.note("apply_postponed", parent=self._parent, error=repr(refusal))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _set_aside(self, data: bytes, reason: str, log: LogId | None, seq: int) -> None:
        """Keep what cannot be taken; its feed, where it is known, stands still."""
        if log is None:
            await self._standstill.set_aside(data, reason)
        else:
            await self._standstill.begin(log, seq, reason, data)

    def _holds(self, log: LogId) -> bool:
        """Tell whether a log is to be left alone for now."""
        is_loading = self._loader is not None and is_feed(log.channel) and self._loader.holds(log.channel)
        return is_loading or self._standstill.holds(log)

    def _loads(self, log: LogId, *, behind: int | None) -> bool:
        """Have a feed loaded from a snapshot, where that can be: ``behind`` are too many, or cannot be had (None)."""
        is_far = behind is None or behind > FAR_BEHIND
        return is_far and self._loader is not None and is_feed(log.channel) and self._loader.takes(log.channel)

    async def _is_floored(self, log: LogId) -> bool:
        held = await self._logs.find(log)
        return held is not None and held.floor.seq > 0

    def _wants(self, log: LogId) -> bool:
        if self.wanted == (EVERY_FEED,):
            return log.channel not in UP or log.channel in COPIED
        return log.channel in self.wanted


def wanted_of(scopes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the feeds of these scopes, or `EVERY_FEED` alone."""
    return (EVERY_FEED,) if EVERY_FEED in scopes else tuple(sorted(feeds_of(tuple(scopes))))


def _in_order(log: LogId) -> tuple[int, str, str, int]:
    """Feeds come first, then alarms, then all other copies.

    Earlier epochs come before later ones: what an origin recorded later may be about what it recorded before.
    """
    rank = 0 if is_feed(log.channel) else 1 if log.channel == ALARMS else 2
    return rank, log.origin, log.channel, log.epoch
