"""Says long lists in shares, one a message."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, TypeVar

from bus.link.messages import Confirmed, Standing

S = TypeVar("S", Standing, Confirmed)

SHARE: Final = 1_000


class Shares:
    """What of a list is said next: each share goes on where the one before ended, so every item has its turn."""

    def __init__(self, size: int | None = None) -> None:
        """Begin with the first share; each has at most ``size`` items, or `SHARE`."""
        self._size = SHARE if size is None else size
        self._after = ("", 0, "")

    def next(self, items: Sequence[S]) -> list[S]:
        """Return the whole list while it fits one message, and a share of it where it does not."""
        if len(items) <= self._size:
            return list(items)
        ordered = sorted(items, key=_place)
        start = bisect_right(ordered, self._after, key=_place)
        share = (ordered[start:] + ordered[:start])[: self._size]
        self._after = _place(share[-1])
        return share


def _place(item: Standing | Confirmed) -> tuple[str, int, str]:
    return item.log.origin, item.log.epoch, item.log.channel
