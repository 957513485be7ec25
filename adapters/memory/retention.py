"""The oldest events of a node's own logs in memory, removed once nobody needs them here as events."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from adapters.memory.changes import MemoryChanges
from adapters.memory.tables import Key, LogRow, log_key
from bus.catalogue import UP
from bus.recorded import id_text
from bus.replication.clock import stamp_at
from bus.replication.log import LogId, Position
from bus.replication.ports import HeldLog
from bus.retention import AgedLogs
from domain.shared.quarantine import QuarantineState


class MemoryRetention(AgedLogs):
    """The own logs of a node."""

    def __init__(self, changes: MemoryChanges) -> None:
        """Look after the logs of ``changes``."""
        self._node = changes.node
        self._tables = changes.tables

    async def shorten(self, before: datetime, limit: int, sparing: Collection[LogId] = ()) -> int:
        """Remove the oldest events of the node's own logs, ``limit`` of each at most; return how many."""
        async with self._tables.lock:
            with self._tables.atomic():
                return sum(
                    self._shorten(held, stamp_at(before), limit)
                    for held in self._tables.logs.all()
                    if held.log.origin == self._node and held.log.channel in UP and held.log not in sparing
                )

    def _shorten(self, held: HeldLog, before: int, limit: int) -> int:
        key, floor = log_key(held.log), held.floor
        last = min(held.receiver.seq, held.centre.seq, held.head.seq - 1, floor.seq + limit)
        for seq in range(floor.seq + 1, last + 1):
            row = self._tables.events.get(*key, seq)
            assert row is not None  # noqa: S101 - a log has no holes
            if row.record.hlc >= before or self._is_needed((*key, seq), row):
                break
            self._tables.events.drop(*key, seq)
            self._tables.unshown.drop(*key, seq)
            self._tables.aged.put(row, *key, seq)
            floor = Position(seq, row.hash)
        self._tables.logs.put(replace(held, floor=floor), *key)
        return floor.seq - held.floor.seq

    def _is_needed(self, key: Key, row: LogRow) -> bool:
        held = self._tables.unshown.get(*key)
        if held is not None and held.state is QuarantineState.HELD:
            return True
        event_id = id_text(row.record.id)
        return any(event_id == due for _, due in (found for found, _ in self._tables.due.items()))
