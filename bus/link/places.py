"""Where events stand in the logs of their origin: one that moved with the end of a log may stand in two."""

from collections.abc import Collection, Mapping, Sequence

from bus.replication import LogId
from bus.replication.record import Record

Places = Mapping[bytes, Collection[tuple[LogId, int]]]
"""In which logs of their origin events stand, by their ids, and as which number."""


def stand_later(records: Sequence[Record], log: LogId, places: Places) -> bool:
    """Tell whether all of these stand in later logs as well: in ``log`` they gave way to what came before them."""
    return all(any(there.epoch > log.epoch for there, _ in places.get(record.id, ())) for record in records)
