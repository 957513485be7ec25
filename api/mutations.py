"""What all mutations share: one `input`, and the caller's idempotency key in it."""

from typing import Annotated, Any, TypeVar

import strawberry

T = TypeVar("T")

Input = Annotated[T, strawberry.argument(name="input", description="What is asked for.")]


def idempotency_key() -> Any:
    """Return the field of an input that holds the caller's key."""
    return strawberry.field(
        description="Made by the caller: the same key and input give the first answer again, kept for seven days."
    )
