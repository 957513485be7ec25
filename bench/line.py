"""A TCP line between a client and a server on this machine: as thin, long and broken as wanted.

    async with Line(("127.0.0.1", 4222), up=2_000_000, down=2_000_000, delay=0.03) as line:
        ...  # clients dial line.address instead
        await line.cut()
        await line.heal()

What travels is cut into packets that share the rate of their direction. By default each connection has its turn, as
behind a router that queues fairly; with ``fair=False`` all wait in one queue, as behind one that does not.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Self, cast

LOOPBACK = "127.0.0.1"
PACKET = 1_500  # bytes
HELD_MAX = 1 << 20  # bytes that a direction of a connection holds before its sender has to wait
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close without a farewell

Address = tuple[str, int]


class Direction:
    """All that goes one way.

    Attributes:
        rate: bits a second; None: as fast as may be.
        delay: seconds that a packet is under way.
        carried: bytes handed over so far.
    """

    def __init__(self, rate: float | None, delay: float, *, fair: bool) -> None:
        """Carry nothing yet."""
        self.rate = rate
        self.delay = delay
        self.carried = 0
        self._fair = fair
        self._turns: deque[_Pipe] = deque()
        self._free_at = 0.0
        self._busy = False

    def put(self, pipe: "_Pipe", packets: int, *, is_waiting: bool) -> None:
        """Have packets of a pipe carried when it is their turn; ``is_waiting``: others of the pipe are there."""
        self._turns.extend([pipe] * (packets if not self._fair else int(not is_waiting)))
        if not self._busy:
            self._busy = True
            self._free_at = max(self._free_at, asyncio.get_running_loop().time())
            self._carry()

    def _carry(self) -> None:
        loop = asyncio.get_running_loop()
        while self._turns:
            if self._free_at > loop.time():
                loop.call_at(self._free_at, self._carry)
                return
            pipe = self._turns.popleft()
            packet = pipe.next_packet()
            if packet is None:
                continue
            if self._fair and pipe.is_waiting:
                self._turns.append(pipe)
            self._free_at += 0.0 if self.rate is None else len(packet) * 8 / self.rate
            pipe.under_way(packet, self._free_at + self.delay)
        self._busy = False


class _Pipe:
    """One direction of one connection."""

    def __init__(self, direction: Direction, source: "_End", sink: "_End") -> None:
        self._direction = direction
        self._source = source
        self._sink = sink
        self._packets: deque[bytes] = deque()
        self._flying: deque[bytes] = deque()
        self._held = 0
        self._ended = False

    @property
    def is_waiting(self) -> bool:
        return bool(self._packets)

    def put(self, data: bytes) -> None:
        was_waiting = self.is_waiting
        packets = [data[start : start + PACKET] for start in range(0, len(data), PACKET)]
        self._packets.extend(packets)
        self._held += len(data)
        self.let_source_send()
        self._direction.put(self, len(packets), is_waiting=was_waiting)

    def end(self) -> None:
        """Close the other end once it has everything."""
        self._ended = True
        self._close_if_empty()

    def next_packet(self) -> bytes | None:
        return self._packets.popleft() if self._packets else None

    def under_way(self, packet: bytes, until: float) -> None:
        self._flying.append(packet)
        asyncio.get_running_loop().call_at(until, self._arrive)

    def let_source_send(self) -> None:
        """Have the sender wait while too much is held, or the receiver does not take it."""
        self._source.read_on(wanted=self._held < HELD_MAX and not self._sink.is_full)

    def _arrive(self) -> None:
        packet = self._flying.popleft()
        self._held -= len(packet)
        if self._sink.write(packet):
            self._direction.carried += len(packet)
        self.let_source_send()
        self._close_if_empty()

    def _close_if_empty(self) -> None:
        if self._ended and self._held == 0:
            self._sink.close()


class _End(asyncio.Protocol):
    """The line's own end of a connection, towards the client or the server."""

    def __init__(self, begun: Callable[["_End"], None], gone: Callable[["_End"], None]) -> None:
        self.out: _Pipe | None = None
        self.back: _Pipe | None = None
        self.is_full = False
        self.swallows = False
        self._begun = begun
        self._gone = gone
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._begun(self)

    def data_received(self, data: bytes) -> None:
        if self.out is not None and not self.swallows:
            self.out.put(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self._transport = None
        self._gone(self)
        if self.out is not None and not self.swallows:
            self.out.end()

    def pause_writing(self) -> None:
        self._set_full(is_full=True)

    def resume_writing(self) -> None:
        self._set_full(is_full=False)

    def write(self, data: bytes) -> bool:
        if self._transport is None or self.swallows:
            return False
        self._transport.write(data)
        return True

    def read_on(self, *, wanted: bool) -> None:
        if self._transport is not None and wanted != self._transport.is_reading():
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    def close(self) -> None:
        if self._transport is not None and not self.swallows:
            self._transport.close()

    def reset(self) -> None:
        if self._transport is None:
            return
        held = self._transport.get_extra_info("socket")
        if held is not None:  # else it is closing already
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def _set_full(self, *, is_full: bool) -> None:
        self.is_full = is_full
        if self.back is not None:
            self.back.let_source_send()


class Line:
    """A line to a server; stands as long as the ``async with`` block.

    Attributes:
        target: where it leads; another one holds for connections to come.
        up, down: what goes to the server, what comes from it. Rate and delay may be changed at any time.
    """

    def __init__(
        self,
        target: Address,
        *,
        up: float | None = None,
        down: float | None = None,
        delay: float = 0.0,
        fair: bool = True,
        along: Self | None = None,
    ) -> None:
        """Lead to ``target``; rates in bits a second (None: any), ``delay`` in seconds, one way.

        ``along`` another line: both are one and the same, to two servers behind it, and share its rates.
        """
        self.up = Direction(up, delay, fair=fair) if along is None else along.up
        self.down = Direction(down, delay, fair=fair) if along is None else along.down
        self.target = target
        self._near: set[_End] = set()
        self._far: set[_End] = set()
        self._dials: set[asyncio.Task[None]] = set()
        self._swallows = False
        self._server: asyncio.Server | None = None
        self._place = _bound(0)

    @property
    def address(self) -> Address:
        """Where clients dial; the same before and after a cut."""
        return LOOPBACK, self._place.getsockname()[1]

    @property
    def connections(self) -> int:
        """How many connections the server has through this line."""
        return len(self._far)

    async def __aenter__(self) -> Self:
        """Take connections."""
        await self.heal()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Reset whatever is connected, and take no more connections."""
        await self.cut()
        self._place.close()

    async def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for dial in self._dials:
            dial.cancel()
        self._reset()
        await asyncio.sleep(0)

    async def black_hole(self) -> None:
        """Take whatever comes, and new connections, and pass nothing on, not even that somebody has left."""
        self._swallows = True
        for end in self._near | self._far:
            end.swallows = True
            end.read_on(wanted=True)

    async def heal(self) -> None:
        """Be whole again. Connections that lost something in a black hole are reset."""
        if self._swallows:
            self._swallows = False
            self._reset()
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(
                lambda: _End(self._begin, self._near.discard), sock=_bound(self.address[1])
            )

    def _begin(self, near: _End) -> None:
        self._near.add(near)
        if self._swallows:
            near.swallows = True
            return
        near.read_on(wanted=False)
        dial = asyncio.ensure_future(self._dial(near))
        self._dials.add(dial)
        dial.add_done_callback(self._dials.discard)

    async def _dial(self, near: _End) -> None:
        far = _End(self._wait, self._far.discard)
        try:
            await asyncio.get_running_loop().create_connection(lambda: far, *self.target)
        except OSError:
            near.reset()
            return
        except asyncio.CancelledError:
            self._far.discard(far)  # uvloop drops what is connected already, and does not say so
            raise
        near.out = far.back = _Pipe(self.up, near, far)
        far.out = near.back = _Pipe(self.down, far, near)
        near.swallows = far.swallows = self._swallows
        for end in (near, far):
            end.read_on(wanted=True)

    def _wait(self, far: _End) -> None:
        """Hear nothing of a server that speaks first until there is somewhere to put it."""
        self._far.add(far)
        far.read_on(wanted=False)

    def _reset(self) -> None:
        for end in self._near | self._far:
            end.swallows = True
            end.reset()


def _bound(port: int) -> socket.socket:
    """Hold a port of loopback: nobody else is given it while the line is cut."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((LOOPBACK, port))
    return held
