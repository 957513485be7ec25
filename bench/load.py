"""A generator of HTTP load that costs little itself: requests made beforehand, sent over connections kept open."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import cast

Answered = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to request ``number`` of a series; times as of ``time.perf_counter``."""

    number: int
    sent_at: float
    answered_at: float
    answer: bytes


class Connection(asyncio.Protocol):
    """One connection; carries one request at a time."""

    def __init__(self, lost: Callable[[Exception], None]) -> None:
        """Tell ``lost`` when the server closes the connection."""
        self._lost = lost
        self._answer = b""
        self._answered: Answered | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be open."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take a part of the answer."""
        self._answer += data
        if self._answered is not None and _complete(self._answer):
            answered, answer = self._answered, self._answer
            self._answered, self._answer = None, b""
            answered(answer)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell that the server has left."""
        if self._transport is not None:
            self._lost(error or ConnectionResetError("the server closed the connection"))

    def ask(self, request: bytes, answered: Answered) -> None:
        """Send a request; ``answered`` is called with its answer."""
        assert self._transport is not None
        self._answered = answered
        self._transport.write(request)

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.close()


async def rate(address: tuple[str, int], requests: Sequence[bytes], connections: int) -> float:
    """Return requests answered with status 200 a second, when every connection asks again as soon as it is answered.

    Raises:
        RuntimeError: a request was answered otherwise.
    """
    finished = asyncio.get_running_loop().create_future()
    waiting, left = iter(requests), len(requests)

    def proceed(connection: Connection) -> None:
        request = next(waiting, None)
        if request is not None:
            connection.ask(request, partial(answered, connection))

    def answered(connection: Connection, answer: bytes) -> None:
        nonlocal left
        left -= 1
        if not _accepted(answer):
            _fail(finished, RuntimeError(f"a request was refused: {answer!r}"))
        elif left:
            proceed(connection)
        else:
            finished.set_result(None)

    opened = await _open(address, connections, partial(_fail, finished))
    began = time.perf_counter()
    for connection in opened:
        proceed(connection)
    await finished
    seconds = time.perf_counter() - began
    for connection in opened:
        connection.close()
    return len(requests) / seconds


async def paced(
    address: tuple[str, int], requests: Sequence[bytes], gaps: Sequence[float], connections: int
) -> list[Reply]:
    """Send each request ``gaps`` seconds after the one before, answered or not, and return the replies.

    Times count from when a request was due to leave, also when no connection was free then.

    Raises:
        RuntimeError: a request was answered otherwise than with status 200.
    """
    finished = asyncio.get_running_loop().create_future()
    numbers, replies = count(), list[Reply]()
    due = deque[tuple[int, float, bytes]]()

    def proceed() -> None:
        while due and idle:
            number, sent_at, request = due.popleft()
            connection = idle.popleft()
            connection.ask(request, partial(answered, connection, number, sent_at))

    def answered(connection: Connection, number: int, sent_at: float, answer: bytes) -> None:
        replies.append(Reply(number, sent_at, time.perf_counter(), answer))
        idle.append(connection)
        if not _accepted(answer):
            _fail(finished, RuntimeError(f"a request was refused: {answer!r}"))
        elif len(replies) == len(requests):
            finished.set_result(None)
        else:
            proceed()

    opened = await _open(address, connections, partial(_fail, finished))
    idle = deque(opened)
    leave_at = time.perf_counter()
    for request, gap in zip(requests, gaps, strict=True):
        leave_at += gap
        await asyncio.sleep(max(0.0, leave_at - time.perf_counter()))
        due.append((next(numbers), time.perf_counter(), request))
        proceed()
    await finished
    for connection in opened:
        connection.close()
    return replies


async def _open(address: tuple[str, int], connections: int, lost: Callable[[Exception], None]) -> Sequence[Connection]:
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(partial(Connection, lost), *address) for _ in range(connections)]
    return [connection for _, connection in opened]


def _fail(finished: asyncio.Future[None], error: Exception) -> None:
    if not finished.done():
        finished.set_exception(error)


def _accepted(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 200")


def _complete(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line[15:])
    raise ValueError("an answer without a length")
