"""A generator of HTTP load that costs little itself: requests made beforehand, sent over connections kept open."""

import asyncio
import time
from collections.abc import Iterator, Sequence


class _Client(asyncio.Protocol):
    """Sends the next request when the last one is answered."""

    def __init__(self, requests: Iterator[bytes], finished: asyncio.Future[None]) -> None:
        self._requests = requests
        self._finished = finished
        self._answer = b""
        self.answered = 0
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if _complete(self._answer):
            self.answered += 1
            self.refused += not self._answer.startswith(b"HTTP/1.1 200")
            self._answer = b""
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._finished.done():
            self._finished.set_exception(error or ConnectionResetError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
        elif not self._finished.done():
            self._finished.set_result(None)
            self._transport.close()


def _complete(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line[15:])
    raise ValueError("an answer without a length")


async def rate(host: str, port: int, requests: Sequence[bytes], connections: int) -> float:
    """Return requests answered with status 200 a second.

    Raises:
        RuntimeError: a request was answered otherwise.
    """
    loop = asyncio.get_running_loop()
    waiting = iter(requests)
    futures = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda f=f: _Client(waiting, f), host, port))[1]  # type: ignore[misc]
        for f in futures
    ]
    await asyncio.gather(*futures)
    seconds = time.perf_counter() - began
    if any(client.refused for client in clients):
        raise RuntimeError(f"{sum(client.refused for client in clients)} requests were refused")
    return sum(client.answered for client in clients) / seconds
