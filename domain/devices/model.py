"""The state of a device, as its site sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

OFFSET_MOVED: Final = 1.0
"""Seconds by which the offset of a clock has to move to be put on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """How a device is; at other nodes than its site, how it was when that changed last.

    Attributes:
        node: its site.
        last_heard_at: when it pushed anything last, be it only a sign of life; None while it never did.
        clock_offset_seconds: that its clock is ahead of the site's, by the median of its last readings, less the time
            it takes to say them; None while it has given too few times.
        silent: it has not been heard for longer than it should.
        pushes: how many have come from it.
    """

    code: str
    node: str
    last_heard_at: datetime | None
    clock_offset_seconds: float | None
    silent: bool
    pushes: int

    def has_changed(self, before: "DeviceState | None") -> bool:
        """Tell whether it is otherwise than it was, in a way that others should know."""
        if before is None or (self.silent, self.last_heard_at is None) != (before.silent, before.last_heard_at is None):
            return True
        was, now = before.clock_offset_seconds, self.clock_offset_seconds
        return now is not None and (was is None or abs(now - was) > OFFSET_MOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """When a device was heard last, and how often ever; kept at its site alone."""

    device: str
    heard_at: datetime
    pushes: int
