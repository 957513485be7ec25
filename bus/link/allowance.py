"""How much of its feeds a parent says to its children unasked.

Nobody knows here how thin their lines are, and what is said waits on each of them ahead of confirmations and answers.
So a flood is not said: the answer to the next hello tells a child how far its parent is, and it asks for the rest, one
range after the other, at the pace of its own line.
"""

from typing import Final

from bus.replication import LogId

AT_ONCE: Final = 64 * 1024
"""Bytes. A line of 2 Mbit/s carries them in a quarter of a second."""
PER_SECOND: Final = 32 * 1024
"""Bytes a second. An eighth of such a line is lost at most by what a child that is behind cannot use."""


class Allowance:
    """What may be said to all children together. `now` is monotonic seconds.

    A log of which something is not said is silent until the whole allowance is there again: what follows is of no use
    to a child before it has asked for what is missing. So a flood leaves to other feeds what it cannot use.
    """

    def __init__(self) -> None:
        """Begin with the whole allowance."""
        self._left = float(AT_ONCE)
        self._at = 0.0
        self._silent: set[LogId] = set()

    def is_silent(self, log: LogId, now: float) -> bool:
        """Tell whether nothing of a log is to be said now."""
        self._left = min(float(AT_ONCE), self._left + (now - self._at) * PER_SECOND)
        self._at = now
        if self._left == AT_ONCE:
            self._silent.clear()
        return log in self._silent

    def grants(self, log: LogId, size: int, now: float) -> bool:
        """Grant so many bytes, or have the log be silent. What is larger than all has to wait for the whole."""
        if self.is_silent(log, now) or self._left < min(size, AT_ONCE):
            self._silent.add(log)
            return False
        self._left -= size
        return True
