"""How lists are read: newest first, a page at a time, by the id of the last object seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is wanted: up to ``limit`` objects older than the one of id ``after``."""

    limit: int
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A part of a list, newest first. ``more``: older objects follow."""

    items: Sequence[T]
    more: bool
