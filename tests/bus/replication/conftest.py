"""Records and logs for the tests of the replication core."""

from collections.abc import Callable

import pytest

from bus.replication import LogId, Record


@pytest.fixture
def log() -> LogId:
    return LogId("dorohusk", 2**62 + 1, "facts")


@pytest.fixture
def records() -> Callable[..., list[Record]]:
    def make(count: int, size: int = 20) -> list[Record]:
        return [
            Record(n.to_bytes(16), n << 16, (7 * n).to_bytes(16), bytes([n % 256]) * size) for n in range(1, count + 1)
        ]

    return make
