"""Numbers as devices write them into text."""

from math import isfinite

from domain.registrations.readings import PushUnreadable


def device_number(text: str | None) -> float | None:
    """Return the number; None for none, for what is no number, and for NaN and infinity."""
    if not text or not text.isascii() or "_" in text:  # which ``float`` allows
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def confidence(text: str, *, of: float) -> float:
    """Return a confidence from 0 to 1, given as text from 0 to ``of``.

    Raises:
        PushUnreadable: it is absent, or not such a number.
    """
    if not text:
        raise PushUnreadable("missing_field", "The push has a plate without a confidence.")
    number = device_number(text)
    if number is None or not 0 <= number <= of:
        raise PushUnreadable("malformed", f"The confidence is not a number from 0 to {of:g}.")
    return number / of
