"""Results of a push that are read one by one: one that cannot be read does not cost the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from domain.registrations.readings import PushUnreadable

T = TypeVar("T")
R = TypeVar("R")


def read_each(results: Iterable[R], read: Callable[[R], T | None]) -> tuple[tuple[T, ...], PushUnreadable | None]:
    """Return what is read of results, and why the first of those that cannot be read cannot: None where all can.

    Raises:
        PushUnreadable: nothing is read, and a result cannot be.
    """
    found: list[T] = []
    unread: list[PushUnreadable] = []
    for result in results:
        try:
            told = read(result)
        except PushUnreadable as refusal:
            unread.append(refusal)
        else:
            found += [] if told is None else [told]
    if unread and not found:
        raise unread[0]
    return tuple(found), unread[0] if unread else None
