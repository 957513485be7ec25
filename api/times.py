"""Times as callers give them."""

from datetime import UTC, datetime

from api.refusals import TimeMalformed


def utc(time: datetime, path: str) -> datetime:
    """Return a time in UTC.

    Raises:
        TimeMalformed: it has no offset, or lies beyond all calendars; ``path`` names the field that held it.
    """
    if time.tzinfo is None:
        raise TimeMalformed(path=(path,))
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise TimeMalformed(path=(path,)) from None


def optional_utc(time: datetime | None, path: str) -> datetime | None:
    """Return a time in UTC, or None as it is.

    Raises:
        TimeMalformed: as `utc`.
    """
    return None if time is None else utc(time, path)
