"""Records and logs for the tests of the replication core."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor

import pytest

from bus.replication import START, LogId, Position, Record, Sender
from tests.bus.replication.sending import LOG


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


@pytest.fixture
def start() -> Callable[..., Sender]:
    """A sender whose link is up and who has not been asked for the next batch yet."""

    def make(head: int = 0, *, receiver: Position = START, centre: Position = START) -> Sender:
        sender = Sender(LOG, head=head, receiver=receiver, centre=centre, generation=100)
        sender.link_up()
        return sender

    return make


@pytest.fixture(scope="session")
def workers() -> Iterator[Executor]:
    """Processes that run schedules beside each other."""
    with ProcessPoolExecutor(max_workers=2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor
