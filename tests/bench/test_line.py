"""The line between two ends: what it carries, how fast, how fairly, and how it breaks."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import uvloop

from bench.line import LOOPBACK, PACKET, Address, Line
from tests.waiting import until

RATE = 4_000_000.0
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Laid = Callable[..., AbstractAsyncContextManager[Line]]


class Server:
    """Sends back what it gets, and knows in which order it came."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.before_a_word = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                self.heard.append(data[:1])
                self.before_a_word += len(data) if b"w" not in self.heard else 0
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, Address]]:
    echo = Server()
    listening = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    yield echo, listening.sockets[0].getsockname()
    listening.close()


@pytest.fixture
def laid(server: tuple[Server, Address]) -> Laid:
    @asynccontextmanager
    async def lay(**qualities: float) -> AsyncIterator[Line]:
        async with Line(server[1], **qualities) as line:
            yield line

    return lay


async def dial(line: Line) -> Ends:
    return await asyncio.open_connection(*line.address)


async def echoed(ends: Ends, data: bytes) -> bytes:
    ends[1].write(data)
    return await ends[0].readexactly(len(data))


async def seconds(ends: Ends, size: int) -> float:
    began = time.perf_counter()
    await echoed(ends, bytes(size))
    return time.perf_counter() - began


async def test_it_carries_everything_in_order_both_ways(laid: Laid) -> None:
    data = bytes(n % 251 for n in range(3_000_000))
    async with laid(delay=0.001) as line:
        ends = await dial(line)
        assert await echoed(ends, data) == data
        assert line.up.carried == line.down.carried == len(data)
        ends[1].close()


async def test_it_is_as_slow_as_its_rate(laid: Laid) -> None:
    async with laid(up=RATE) as line:
        ends = await dial(line)
        slow = await seconds(ends, 100_000)
        line.up.rate = 8 * RATE
        fast = await seconds(ends, 100_000)
        assert slow >= 100_000 * 8 / RATE
        assert slow > 2 * fast
        ends[1].close()


async def test_two_servers_behind_one_line_share_its_rate(laid: Laid, server: tuple[Server, Address]) -> None:
    async with laid(up=RATE) as line, Line(server[1], along=line) as other:
        ends = [await dial(line), await dial(other)]
        both = await asyncio.gather(*(seconds(one, 50_000) for one in ends))
        assert max(both) >= 100_000 * 8 / RATE
        assert line.up.carried == 100_000
        for _, writer in ends:
            writer.close()


async def test_the_way_back_has_a_rate_of_its_own(laid: Laid) -> None:
    async with laid(down=RATE) as line:
        ends = await dial(line)
        assert await seconds(ends, 100_000) >= 100_000 * 8 / RATE
        ends[1].close()


async def test_it_is_as_long_as_its_delay(laid: Laid) -> None:
    async with laid(delay=0.02) as line:
        ends = await dial(line)
        assert await seconds(ends, 1) >= 0.04
        ends[1].close()


@pytest.mark.parametrize("fair", [True, False])
async def test_a_word_beside_a_long_speech(laid: Laid, server: tuple[Server, Address], *, fair: bool) -> None:
    size = 200 * PACKET
    async with laid(up=RATE, fair=fair) as line:
        speaker, other = await dial(line), await dial(line)
        await until(lambda: line.connections == 2)
        speaker[1].write(b"s" * size)
        await speaker[1].drain()
        await until(lambda: b"s" in server[0].heard)
        await echoed(other, b"w")
        await speaker[0].readexactly(size)
        assert server[0].before_a_word < size / 2 if fair else server[0].before_a_word == size
        for _, writer in (speaker, other):
            writer.close()


async def test_a_cut_resets_and_refuses_until_it_is_healed(laid: Laid) -> None:
    async with laid() as line:
        ends = await dial(line)
        await echoed(ends, b"before")
        await line.cut()
        with pytest.raises(ConnectionResetError):
            await ends[0].readexactly(1)
        with pytest.raises(ConnectionRefusedError):
            await dial(line)
        await line.heal()
        again = await dial(line)
        assert await echoed(again, b"after") == b"after"
        for _, writer in (ends, again):
            writer.close()


async def test_a_black_hole_swallows_and_says_nothing(laid: Laid, server: tuple[Server, Address]) -> None:
    async with laid() as line:
        ends = await dial(line)
        await echoed(ends, b"a")
        await line.black_hole()
        late = await dial(line)
        for _, writer in (ends, late):
            writer.write(b"b" * 3_000_000)
            await writer.drain()
        assert server[0].heard == [b"a"]
        assert not ends[0].at_eof()
        await line.heal()
        for reader, writer in (ends, late):
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(1)
            writer.close()
        again = await dial(line)
        assert await echoed(again, b"c") == b"c"
        again[1].close()


async def test_who_leaves_is_missed_once_everything_is_there(laid: Laid, server: tuple[Server, Address]) -> None:
    async with laid(up=RATE, delay=0.01) as line:
        ends = await dial(line)
        ends[1].write(b"l" * 50_000)
        await until(lambda: line.connections == 1)
        ends[1].close()
        await until(lambda: line.connections == 0)
        assert server[0].heard
        assert line.up.carried == 50_000


async def test_who_dials_a_server_that_is_away_is_reset() -> None:
    nobody = socket.create_server(("127.0.0.1", 0))
    address = nobody.getsockname()
    nobody.close()
    async with Line(address) as line:
        ends = await dial(line)
        with pytest.raises(ConnectionResetError):
            await ends[0].readexactly(1)
        ends[1].close()


class CutWhileDialling(Line):
    """Cut as soon as the server has taken a connection, of which who dials has not heard yet."""

    was_cut = False

    def _wait(self, far: Any) -> None:
        super()._wait(far)
        for dial in self._dials:
            self.was_cut = dial.cancel()


def test_a_line_that_is_cut_while_it_dials_forgets_the_connection() -> None:
    async def scenario() -> int:
        echo = Server()
        listening = await asyncio.start_server(echo.serve, LOOPBACK, 0)
        async with CutWhileDialling(listening.sockets[0].getsockname()) as line:
            _, writer = await dial(line)
            await until(lambda: line.was_cut and not line._dials)
            connections = line.connections
            line._far.clear()  # what is not forgotten keeps uvloop from ending
            writer.close()
        listening.close()
        return connections

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(scenario()) == 0
