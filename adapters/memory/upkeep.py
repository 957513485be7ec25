"""Events that could not be shown and batches that could not be taken, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.erasing import batch_without
from adapters.memory.showing import show_all_anew
from adapters.memory.tables import Key, Tables
from bus.link.batches import REASON_MAX, ROOM_BATCHES, ROOM_BYTES, STRANGERS, BatchQuarantine, Untaken
from bus.link.reasons import AWAITS
from bus.recorded import Recorded
from bus.replication.log import LogId
from domain.shared.ports import Clock, Ids
from domain.shared.quarantine import QuarantineState
from domain.upkeep.errors import BatchNotKept
from domain.upkeep.model import DroppedBatches, QuarantinedBatch, QuarantinedEvent, Replayed, Trouble
from domain.upkeep.ports import HeldBatches, HeldEvents

HELD, REPLAYED, SET_ASIDE = QuarantineState.HELD, QuarantineState.REPLAYED, QuarantineState.SET_ASIDE


class MemoryHeldEvents(HeldEvents):
    """Events in quarantine, within a change.

    Attributes:
        shown: those that the change has shown, in the order of their logs.
    """

    def __init__(self, tables: Tables, who: str, now: datetime) -> None:
        """Answer within a change of ``who`` made at ``now``."""
        self.shown: list[Recorded] = []
        self._tables = tables
        self._who = who
        self._now = now

    async def find(self, event_id: str) -> QuarantinedEvent | None:
        """Return an event, or None."""
        return next((one for one in self._tables.unshown.all() if one.id == event_id), None)

    async def replay(self, event_id: str) -> Replayed:
        """Try a held event, and if it shows what is parked behind it in its log."""
        first = self._replay([one for one in self._held() if one.id == event_id])
        if not self.shown:
            return first
        log, place = self.shown[0].log, (self.shown[0].log.epoch, self.shown[0].seq)
        behind = self._replay(
            [
                one
                for one in self._held()
                if (one.origin, one.channel) == (log.origin, log.channel)
                and (one.epoch, one.seq) > place
                and one.trouble is Trouble.PARKED
            ]
        )
        return Replayed(shown=first.shown + behind.shown, held=first.held + behind.held)

    async def replay_log(self, origin: str, epoch: int, channel: str) -> Replayed:
        """Try all held events of a log."""
        log = (origin, epoch, channel)
        return self._replay([one for one in self._held() if (one.origin, one.epoch, one.channel) == log])

    async def replay_parked(self) -> Replayed:
        """Try all parked events of all logs."""
        return self._replay([one for one in self._held() if one.trouble is Trouble.PARKED])

    async def replay_waiting(self, skip: int, limit: int) -> Replayed:
        """Try events that wait for others, log by log in their order."""
        waiting = [one for one in self._held() if one.trouble is Trouble.PARKED and one.reason.startswith(AWAITS)]
        return self._replay(sorted(waiting, key=_key)[skip : skip + limit])

    async def set_aside(self, event_id: str, note: str) -> None:
        """Mark an event as given up."""
        for one in self._held():
            if one.id == event_id:
                self._settle(one, SET_ASIDE, note)

    def _held(self) -> list[QuarantinedEvent]:
        return [one for one in self._tables.unshown.all() if one.state is HELD]

    def _replay(self, events: Sequence[QuarantinedEvent]) -> Replayed:
        if not events:
            return Replayed(shown=0, held=0)
        wanted = {_key(one): one for one in events}
        shown = show_all_anew(self._tables, self._now, wanted.keys())
        for key, one in wanted.items():
            if key in shown:
                self._settle(one, REPLAYED, "")
            else:
                again = self._tables.unshown.get(*key)
                self._tables.unshown.put(replace(again or one, at=one.at), *key)
        self.shown += shown.values()
        return Replayed(shown=len(shown), held=len(wanted) - len(shown))

    def _settle(self, one: QuarantinedEvent, state: QuarantineState, note: str) -> None:
        settled = replace(one, state=state, note=note, settled_by=self._who, settled_at=self._now)
        self._tables.unshown.put(settled, *_key(one))


class MemoryHeldBatches(HeldBatches):
    """Batches in quarantine, within a change."""

    def __init__(self, tables: Tables, who: str, now: datetime) -> None:
        """Answer within a change of ``who`` made at ``now``."""
        self._tables = tables
        self._who = who
        self._now = now

    async def find(self, batch_id: str) -> QuarantinedBatch | None:
        """Return a batch without its bytes, or None."""
        return self._tables.batches.get(batch_id)

    async def note_taken(self, batch_id: str) -> None:
        """Mark a batch as taken after all."""
        self._settle(batch_id, REPLAYED, "")

    async def set_aside(self, batch_id: str, note: str) -> None:
        """Mark a batch as given up."""
        self._settle(batch_id, SET_ASIDE, note)

    def _settle(self, batch_id: str, state: QuarantineState, note: str) -> None:
        held = self._tables.batches.get(batch_id)
        if held is not None:
            settled = replace(held, state=state, note=note, settled_by=self._who, settled_at=self._now)
            self._tables.batches.put(settled, batch_id)


class MemoryBatches(BatchQuarantine):
    """Batches that could not be taken."""

    def __init__(self, tables: Tables, *, clock: Clock, ids: Ids) -> None:
        """Keep them in ``tables``."""
        self._tables = tables
        self._clock = clock
        self._ids = ids

    async def keep(self, untaken: Untaken) -> None:
        """Keep a batch, in a change of its own."""
        async with self._tables.lock:
            with self._tables.atomic():
                self._keep(untaken)

    async def settle(self, child: str, log: LogId, head: int) -> bool:
        """Note that what is held of a log up to ``head`` came again and is taken; tell whether that was all of it."""
        async with self._tables.lock:
            held = [one for one in self._room(child) if one.state is HELD and not one.refused and _log(one) == log]
            past = [one for one in held if one.last is not None and one.last <= head]
            with self._tables.atomic():
                for one in past:
                    taken = replace(one, state=REPLAYED, note="it came again", settled_at=self._clock.now())
                    self._tables.batches.put(taken, one.id)
            return len(held) == len(past)

    def _keep(self, untaken: Untaken) -> None:
        header, tables = untaken.header, self._tables
        data = batch_without(tables, untaken.data)
        held = QuarantinedBatch(
            id=self._ids.new(),
            child=untaken.child,
            known=untaken.room != STRANGERS,
            refused=untaken.is_refused,
            origin=None if header is None else header.log.origin,
            epoch=None if header is None else header.log.epoch,
            channel=None if header is None else header.log.channel,
            first=None if header is None else header.first,
            last=None if header is None else header.last,
            size=len(data),
            state=HELD,
            reason=untaken.reason[:REASON_MAX],
            at=self._clock.now(),
        )
        same = [one for one in self._room(untaken.room) if self._is_same(one, held, untaken.data)]
        for one in same:
            if one.state is SET_ASIDE and one.first is not None and one.reason == held.reason:
                tables.batches.put(replace(one, last=held.last, size=held.size), one.id)
                tables.batch_bytes.put(data, one.id)
                return
        for one in same:
            if one.state is HELD:
                self._drop(one)
        tables.batches.put(held, held.id)
        tables.batch_bytes.put(data, held.id)
        self._make_room(untaken)

    def _is_same(self, one: QuarantinedBatch, other: QuarantinedBatch, data: bytes) -> bool:
        if (one.child, one.refused, _log(one), one.first) != (other.child, other.refused, _log(other), other.first):
            return False
        return one.first is not None or self._tables.batch_bytes.get(one.id) == data

    def _make_room(self, untaken: Untaken) -> None:
        beside = [one for one in self._room(untaken.room) if one.refused == untaken.is_refused]
        newest_first = sorted(beside, key=lambda one: one.id, reverse=True)
        by_worth = sorted(newest_first, key=lambda one: one.state is not HELD)
        size = 0
        for number, one in enumerate(by_worth):
            size += one.size
            if number >= ROOM_BATCHES or size > ROOM_BYTES:
                if one.state is HELD:
                    self._count(untaken)
                self._drop(one)

    def _count(self, untaken: Untaken) -> None:
        """Count a held batch that has to go.

        Raises:
            BatchNotKept: it must not.
        """
        if untaken.is_refused:
            raise BatchNotKept
        before = self._tables.dropped.get(untaken.room)
        count = 1 if before is None else before.count + 1
        self._tables.dropped.put(
            DroppedBatches(child=untaken.room, count=count, last_at=self._clock.now()), untaken.room
        )

    def _drop(self, one: QuarantinedBatch) -> None:
        self._tables.batches.drop(one.id)
        self._tables.batch_bytes.drop(one.id)

    def _room(self, room: str) -> list[QuarantinedBatch]:
        return [one for one in self._tables.batches.all() if (one.child if one.known else STRANGERS) == room]


def _key(one: QuarantinedEvent) -> Key:
    return (one.origin, one.channel, one.epoch, one.seq)


def _log(one: QuarantinedBatch) -> LogId | None:
    if one.origin is None or one.epoch is None or one.channel is None:
        return None
    return LogId(one.origin, one.epoch, one.channel)
