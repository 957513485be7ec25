"""Takes in what the children send: applies many batches in one transaction, then settles, then confirms."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeVar

from bus.link.aside import Aside, header_of
from bus.link.messages import EVERY_FEED, Confirmations, Confirmed, Diverged, Missing, encode
from bus.link.reasons import CORRUPT, reason_of
from bus.link.reasons import refusal as refusal_of
from bus.link.redirecting import Redirecting
from bus.link.tasks import FIRST_PAUSE, LONGEST_PAUSE, Tasks
from bus.link.wire import CHANNELS, ChildrenWire, Delivery, Stream
from bus.replication import (
    Apply,
    Batch,
    BatchTooNew,
    BatchUnreadable,
    Corrupt,
    Duplicate,
    Fork,
    Gap,
    Header,
    LogId,
    PackedBatch,
    unpack,
)
from bus.replication.ports import Applied, Logs, NotThisWay
from domain.shared.errors import Unavailable

TAKEN_MAX: Final = 32
RECORDS_MAX: Final = 3_000
"""Records of one child from which on they are applied without waiting for more; larger groups are no faster."""
HANDS: Final = 2
"""Groups under way at once: the next is prepared while the database works on the one before."""
TRIED_AGAIN_AFTER: Final = (0.1, 0.5)
"""Seconds. What fails otherwise than by `Unavailable` may be a passing fault of the database's, such as a deadlock."""

T = TypeVar("T")
Passed = Callable[[str, Applied, PackedBatch], None]
"""Told (child, outcome, batch) of each batch that changed a log, after the commit."""


class _NotTaken(Exception):  # noqa: N818 - a refusal of the link
    def __init__(self, reason: str, header: Header | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.header = header


class _Arrived(NamedTuple):
    delivery: Delivery
    batch: Batch


class Applier:
    """The one who applies the batches of a stream."""

    def __init__(
        self,
        stream: Stream,
        wire: ChildrenWire,
        children: Mapping[str, Sequence[str]],
        *,
        logs: Logs,
        tasks: Tasks,
        aside: Aside,
        redirecting: Redirecting,
        passed: Passed,
        has_heard: Callable[[str], bool],
    ) -> None:
        """Apply what ``children`` (with the scopes of each) send; what anybody else sends is set aside.

        ``redirecting`` judges logs that arrive another way, ``has_heard`` whether a child has said hello.
        """
        self._stream = stream
        self._wire = wire
        self._children = children
        self._logs = logs
        self._tasks = tasks
        self._aside = aside
        self._redirecting = redirecting
        self._passed = passed
        self._has_heard = has_heard
        self._hands = asyncio.Semaphore(HANDS)
        self._newest: dict[str, asyncio.Event] = {}

    async def run(self) -> None:
        """Apply what arrives: of each child in order, many batches together."""
        while True:
            groups: defaultdict[str, list[_Arrived]] = defaultdict(list)
            for delivery in await self._wire.take(self._stream, TAKEN_MAX):
                batch = await self._readable(delivery)
                if batch is None:
                    continue
                group = groups[delivery.child]
                group.append(_Arrived(delivery, batch))
                if sum(one.batch.header.n for one in group) >= RECORDS_MAX:
                    await self._hand_on(delivery.child, groups.pop(delivery.child))
            for child, group in groups.items():
                await self._hand_on(child, group)

    async def _hand_on(self, child: str, arrived: Sequence[_Arrived]) -> None:
        """Have batches applied as soon as a hand is free."""
        await self._hands.acquire()
        ahead, done = self._newest.get(child), asyncio.Event()
        self._newest[child] = done
        self._tasks.once(f"apply {self._stream}", partial(self._with_free_hand, child, arrived, ahead, done))

    async def _with_free_hand(
        self, child: str, arrived: Sequence[_Arrived], ahead: asyncio.Event | None, done: asyncio.Event
    ) -> None:
        try:
            await self._apply(child, arrived, ahead)
        finally:
            done.set()
            self._hands.release()

    async def _readable(self, delivery: Delivery) -> Batch | None:
        try:
            return await self._checked(delivery.child, delivery.data)
        except _NotTaken as refusal:
            if refusal.header is None or not await self._redirecting.is_here(delivery, refusal.header):
                await self._aside.put(delivery, refusal.reason, refusal.header)
            return None

    async def _checked(self, child: str, data: bytes) -> Batch:
        """Take apart what a child sent, if it may."""
        if child not in self._children:
            raise _NotTaken(f"{child} is not a child of this node", None)
        try:
            batch = unpack(data)
        except (BatchUnreadable, BatchTooNew) as reason:
            header = header_of(data)
            is_known = header is not None and await self._may_send(child, header.log)
            raise _NotTaken(reason_of(reason), header if is_known else None) from reason
        if not await self._may_send(child, batch.header.log):
            raise _NotTaken(f"{child} may not send {batch.header.log}", batch.header)
        return batch

    async def replay(self, child: str, data: bytes) -> str | None:
        """Take in once more what was set aside; return why it cannot be, or None when it is on record.

        Raises:
            Unavailable: the database does not answer.
        """
        try:
            batch = await self._checked(child, data)
            (applied,) = await self._logs.apply([batch], child)
        except _NotTaken as refusal:
            return refusal.reason
        except Unavailable:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever is wrong with it
            return reason_of(failure)
        if isinstance(applied.verdict, Gap):
            return f"the events from {applied.verdict.expected} on come first"
        if isinstance(applied.verdict, Apply):
            self._passed(child, applied, PackedBatch(batch.header, data))
        reason = refusal_of(applied)
        if reason is None:
            self._aside.goes_on(child, batch.header.log, applied.held.head.seq)
        return reason

    async def _may_send(self, child: str, log: LogId) -> bool:
        """Tell whether a log is of this stream, and the child's own or, where the child serves others, of one of them.

        ``child`` is the broker's word, what the batch says of itself counts for nothing: no child sends what is of
        another child. A feed never travels up: what a child puts on a watchlist of its own is nobody's order here.
        """
        if log.channel not in CHANNELS[self._stream]:
            return False
        if log.origin == child or EVERY_FEED not in self._children[child]:
            return log.origin == child
        return log.origin not in self._children or await self._still_serves(child, log.origin)

    async def _still_serves(self, child: str, origin: str) -> bool:
        """Tell whether a node that was invited to become a child has not come yet from where it is."""
        if self._has_heard(origin):
            return False
        return any((one.log.origin, one.via) == (origin, child) for one in await self._patiently(self._logs.held))

    async def _apply(self, child: str, arrived: Sequence[_Arrived], ahead: asyncio.Event | None) -> None:
        """Apply batches together; if that fails apply them one by one, and set aside the one at fault.

        What is ``ahead`` of them is told of first: then those behind need not be kept.
        """
        for pause in (*TRIED_AGAIN_AFTER, None):
            try:
                applied = await self._patiently(partial(self._logs.apply, [one.batch for one in arrived], child))
            except Exception as failure:  # noqa: BLE001 - no batch may block the others, whatever is wrong with it
                if len(arrived) > 1:
                    for one in arrived:
                        await self._apply(child, [one], ahead)
                    return
                if isinstance(failure, NotThisWay) and await self._redirecting.redirect(child, arrived[0].batch.header):
                    continue
                if pause is None or isinstance(failure, NotThisWay):
                    await self._give_up(arrived[0], failure, ahead)
                    return
                await asyncio.sleep(pause)
            else:
                await self._conclude(child, arrived, applied)
                return

    async def _give_up(self, arrived: _Arrived, failure: Exception, ahead: asyncio.Event | None) -> None:
        """Set aside what cannot be applied, unless it is here another way, or will follow what comes another way."""
        delivery, header = arrived.delivery, arrived.batch.header
        if isinstance(failure, NotThisWay) and (
            await self._redirecting.is_here(delivery, header) or await self._redirecting.is_early(delivery, header)
        ):
            return
        if ahead is not None:
            await ahead.wait()
        await self._aside.put(delivery, reason_of(failure), header)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work as soon as the database is available."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await work()
            except Unavailable as refusal:
                self._tasks.note("apply_postponed", stream=self._stream, error=repr(refusal))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _conclude(self, child: str, arrived: Sequence[_Arrived], applied: Sequence[Applied]) -> None:
        confirmed: dict[LogId, Confirmed] = {}
        missing: dict[LogId, Missing] = {}
        diverged: dict[LogId, Diverged] = {}
        settled = []
        for (delivery, batch), outcome in zip(arrived, applied, strict=True):
            log = batch.header.log
            match outcome.verdict:
                case Apply() | Duplicate():
                    confirmed[log] = Confirmed(log, outcome.held.head, outcome.held.centre)
                    self._aside.goes_on(child, log, outcome.held.head.seq)
                case Gap(expected):
                    missing[log] = Missing(log, expected, batch.header.generation)
                case Fork(at):
                    diverged[log] = Diverged(log, at)
                    self._tasks.note("log_forked", child=child, origin=log.origin, channel=log.channel, at=at)
                case Corrupt():
                    await self._aside.put(delivery, CORRUPT, batch.header)
                    continue
            if isinstance(outcome.verdict, Apply):
                self._passed(child, outcome, PackedBatch(batch.header, delivery.data))
            settled.append(delivery)
        await self._wire.settle(settled)
        word = Confirmations(list(confirmed.values()), list(missing.values()), list(diverged.values()))
        await self._wire.confirm(child, encode(word))
