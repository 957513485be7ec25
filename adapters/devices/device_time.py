"""The clock of a device."""

from datetime import UTC, datetime


def device_time(text: str | None) -> datetime | None:
    """Return the time in UTC.

    Returns:
        None for no time, one without an offset, or one that cannot be understood (``-8:00``): what a camera saw
        counts even if its clock does not.
    """
    try:
        time = datetime.fromisoformat(text or "")
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None
