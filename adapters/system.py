"""Time, identities and randomness of the machine the node runs on."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

_ENTROPY_BYTES = 4096
_RANDOM_DIGITS = 15
_COUNTER_MAX = 0xFFF


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        return datetime.now(UTC)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class SystemIds:
    """Identities as UUIDv7 (RFC 9562, section 5.7) and bytes of the machine's source of randomness.

    Ids of one process only grow, also within a millisecond and when the clock is set back: the 12 bits after the time
    count (section 6.2, method 1), the 60 last ones are random. May be used from several threads.
    """

    def __init__(
        self, milliseconds: Callable[[], int] = _wall_ms, entropy: Callable[[int], bytes] = os.urandom
    ) -> None:
        """Make ids.

        Args:
            milliseconds: tells the time since 1970.
            entropy: gives so many unpredictable bytes.
        """
        self._milliseconds = milliseconds
        self._entropy = entropy
        self._lock = threading.Lock()
        self._ms = 0
        self._time = ""
        self._counter = 0
        self._digits = ""
        self._digit = 0
        self._bytes = b""
        self._byte = 0

    def new(self) -> str:
        """Return a fresh UUIDv7 as canonical text, greater than every one before."""
        with self._lock:
            ms = self._milliseconds()
            if ms > self._ms:
                self._begin(ms)
            elif self._counter == _COUNTER_MAX:
                self._begin(self._ms + 1)
            else:
                self._counter += 1
            start = self._digit
            if start == len(self._digits):
                self._digits, start = self._entropy(_RANDOM_DIGITS * 256).hex(), 0
            self._digit = start + _RANDOM_DIGITS
            head, digits = f"{self._time}{self._counter:03x}", self._digits
        return f"{head}-8{digits[start : start + 3]}-{digits[start + 3 : start + 15]}"

    def random(self, size: int) -> bytes:
        """Return ``size`` unpredictable bytes."""
        with self._lock:
            start = self._byte
            if start + size > len(self._bytes):
                self._bytes, start = self._entropy(max(_ENTROPY_BYTES, size)), 0
            self._byte = start + size
            return self._bytes[start : start + size]

    def _begin(self, ms: int) -> None:
        self._ms, self._counter = ms, 0
        digits = f"{ms:012x}"
        self._time = f"{digits[:8]}-{digits[8:]}-7"
