"""Whole numbers that GraphQL's own Int, which ends at 2^31, cannot hold: places in logs, and counts without a bound."""

from typing import NewType

import strawberry

Int64 = NewType("Int64", int)

INT64 = strawberry.scalar(
    name="Int64",
    description="A whole number of 63 bits and a sign, as a string of decimal digits.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc7493#section-2.2",
    serialize=str,
)
