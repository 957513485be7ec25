"""What a log holds from an event on, packed for a neighbour."""

from bus.replication import MAX_BODIES, LogId, PackedBatch, fill, pack
from bus.replication.ports import Logs


async def packed(logs: Logs, log: LogId, first: int, limit: int, bodies: int = MAX_BODIES) -> PackedBatch:
    """Return a batch that begins with event ``first``: ``limit`` events at most, and bytes of ``bodies``, or one event.

    Raises:
        LookupError: the log does not hold the first of them.
        Unavailable: the database does not answer.
    """
    before, records = await logs.read(log, first, limit)
    if not records:
        raise LookupError(f"{log} lacks {first}")
    return pack(log, first, before, records[: fill(records, bodies)])
