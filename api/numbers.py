"""Whole numbers that GraphQL's own Int, which ends at 2^31, cannot hold: places in logs, and counts without a bound."""

import re
from typing import NewType

import strawberry

Int64 = NewType("Int64", int)

_LIMIT = 2**63


def _read(value: object) -> int:
    """Return the number that a caller gave as digits, or as a number.

    Raises:
        ValueError: it is neither, or does not fit.
    """
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
        return _fitting(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return _fitting(value)
    raise ValueError("a whole number is wanted, best as a string of decimal digits")


def _fitting(number: int) -> int:
    if not -_LIMIT <= number < _LIMIT:
        raise ValueError("a whole number of 63 bits and a sign is wanted")
    return number


INT64 = strawberry.scalar(
    name="Int64",
    description="A whole number of 63 bits and a sign, as a string of decimal digits.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc7493#section-2.2",
    serialize=str,
    parse_value=_read,
)
