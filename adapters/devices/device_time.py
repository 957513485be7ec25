"""The clock of a device. What a device saw counts even if its clock does not: a time without a meaning is none."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR = 365 * 86400
_MILLISECONDS_FROM = 1e11  # as seconds: the year 5138; as milliseconds: March 1973


def device_time(text: str | None) -> datetime | None:
    """Return the time in UTC; None for no time, one without an offset, or one without a meaning (``-8:00``)."""
    try:
        time = datetime.fromisoformat(text or "")
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def epoch_time(since_1970: float | None) -> datetime | None:
    """Return the time of an epoch in seconds or milliseconds, told apart by size; None for none, and before 1971."""
    if since_1970 is None or since_1970 < _YEAR:
        return None
    is_milliseconds = since_1970 >= _MILLISECONDS_FROM
    try:
        return _EPOCH + (timedelta(milliseconds=since_1970) if is_milliseconds else timedelta(seconds=since_1970))
    except (ValueError, OverflowError):
        return None
