"""Dates of a machine-readable zone: YYMMDD, where what is unknown is ``<<`` or ``00``."""

from datetime import date


def birth(text: str, today: date) -> tuple[date | None, str | None]:
    """Read a date of birth, which is never in the future; of two centuries the later one that fits is taken.

    Returns:
        The date and None; or None and what is known of it: ``1974-08``, ``1974`` or empty.
    """
    year, month, day = _part(text[:2], range(100)), _part(text[2:4], range(1, 13)), _part(text[4:], range(1, 32))
    if year is None:
        return None, ""
    year += today.year - today.year % 100
    if (year, month or 1, day or 1) > (today.year, today.month, today.day):
        year -= 100
    if month is None:
        return None, f"{year:04}"
    exact = None if day is None else _date(year, month, day)
    return (None, f"{year:04}-{month:02}") if exact is None else (exact, None)


def expiry(text: str, today: date) -> date | None:
    """Read a date of expiry: of the centuries that fit, the one that brings it nearest to ``today``."""
    year, month, day = _part(text[:2], range(100)), _part(text[2:4], range(1, 13)), _part(text[4:], range(1, 32))
    if year is None or month is None or day is None:
        return None
    year += today.year - today.year % 100
    fitting = [exact for shift in (-100, 0, 100) if (exact := _date(year + shift, month, day))]
    return min(fitting, key=lambda exact: abs(exact - today), default=None)


def _part(text: str, allowed: range) -> int | None:
    number = int(text) if text.isdecimal() else -1
    return number if number in allowed else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
