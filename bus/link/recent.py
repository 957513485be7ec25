"""Batches that were just applied, to be passed on as they are: neither read nor packed again."""

from collections import OrderedDict
from typing import Final

from bus.replication.batch import MAX_RECORDS, PackedBatch
from bus.replication.log import LogId

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_BATCHES: Final = 2_000
_LARGE: Final = MAX_RECORDS // 2


class RecentBatches:
    """The newest batches of all logs; the oldest are forgotten first."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_batches: int = MAX_BATCHES) -> None:
        """Keep at most so many batches and so many bytes."""
        self._max_bytes = max_bytes
        self._max_batches = max_batches
        self._bytes = 0
        self._batches: OrderedDict[tuple[LogId, int], PackedBatch] = OrderedDict()

    def add(self, batch: PackedBatch) -> None:
        """Keep a batch that was applied in full."""
        key = batch.header.log, batch.header.first
        self._drop(self._batches.pop(key, None))
        self._batches[key] = batch
        self._bytes += len(batch.data)
        while self._bytes > self._max_bytes or len(self._batches) > self._max_batches:
            self._drop(self._batches.popitem(last=False)[1])

    def forget(self, log: LogId) -> None:
        """Forget the batches of a log: its history has become another."""
        for key in [key for key in self._batches if key[0] == log]:
            self._drop(self._batches.pop(key))

    def find(self, log: LogId, first: int, limit: int) -> PackedBatch | None:
        """Return a batch that begins with event ``first`` if it is worth sending: large, or all that is to be sent."""
        batch = self._batches.get((log, first))
        return batch if batch is not None and min(limit, _LARGE) <= batch.header.n <= limit else None

    def distance(self, log: LogId, first: int) -> int | None:
        """Return how many events lie between ``first`` and the next large batch after it; None if there is none."""
        starts = (
            batch.header.first
            for (held, start), batch in self._batches.items()
            if held == log and start > first and batch.header.n >= _LARGE
        )
        following = min(starts, default=None)
        return None if following is None else following - first

    def _drop(self, batch: PackedBatch | None) -> None:
        if batch is not None:
            self._bytes -= len(batch.data)
