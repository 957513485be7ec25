"""Ids, and the time that is in them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


def first_id(at: datetime) -> str:
    """Return the least id that can be made at this time: a UUIDv7 begins with milliseconds (RFC 9562, section 5.7)."""
    milliseconds = f"{max(0, (at - _EPOCH) // timedelta(milliseconds=1)):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-0000-0000-000000000000"


def time_of(id_: str) -> datetime:
    """Return the time inside an id, to the millisecond; what lies beyond the calendar is its last year."""
    milliseconds = int(id_.replace("-", "")[:12], 16)
    return _EPOCH + min(timedelta(milliseconds=milliseconds), _LAST - _EPOCH)
