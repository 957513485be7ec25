"""What a device's own words for a direction mean at the place where it stands."""

from collections.abc import Mapping
from math import isfinite

TOLERANCE_DEGREES = 45.0
"""A direction in degrees that is no further from a configured one means the same."""
_CIRCLE = 360.0


def meaning(word: str, words: Mapping[str, str]) -> str | None:
    """Return the direction that a word of a device stands for, or None where it means nothing.

    A word counts as it is configured. Where none is the same, a number of degrees means what the nearest configured
    number means, the circle being closed at 360; one that is as near to two of different meanings means nothing.
    """
    if word in words:
        return words[word]
    degrees = _degrees(word)
    if degrees is None:
        return None
    configured = [(known, direction) for each, direction in words.items() if (known := _degrees(each)) is not None]
    away = [(_between(degrees, known), direction) for known, direction in configured]
    nearest = min((distance for distance, _ in away), default=_CIRCLE)
    meant = {direction for distance, direction in away if distance == nearest <= TOLERANCE_DEGREES}
    return meant.pop() if len(meant) == 1 else None


def _degrees(word: str) -> float | None:
    try:
        degrees = float(word)
    except ValueError:
        return None
    return degrees if isfinite(degrees) else None


def _between(one: float, other: float) -> float:
    apart = abs(one - other) % _CIRCLE
    return min(apart, _CIRCLE - apart)
