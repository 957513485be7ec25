"""Messages of one stream, pulled ahead of their use.

nats-py's own `fetch` asks twice for each group and may wait out an orphaned request (its issues 933 and 986). Here one
request is open at a time and renewed as soon as it is used up: a message is handed on the moment it arrives.
"""

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import Header

from adapters.nats import subjects
from adapters.nats.streams import CONSUMER, UNSETTLED_MAX, keep_inflow, stream_name
from bus.link.wire import Delivery, Stream

_EXPIRES: Final = 30_000_000_000  # nanoseconds
_HEARTBEAT: Final = 5_000_000_000  # nanoseconds
_SILENCE_MAX: Final = 12.0
_LOOK_EVERY: Final = 1.0
_MEND_AFTER: Final = 0.25
_HEARTBEAT_STATUS: Final = "100"
_USED_UP: Final = ("404", "408")

_log = structlog.get_logger(__name__)


class Inflow:
    """What waits in one stream of a node."""

    def __init__(self, stream: Stream, node: str) -> None:
        """Pull from ``stream`` of ``node``."""
        self._stream = stream
        self._node = node
        self._client: Client | None = None
        self._inbox = ""
        self._waiting: deque[Delivery] = deque()
        self._something = asyncio.Event()
        self._asked = 0
        self._heard_at = 0.0
        self._broken = False

    async def open(self, client: Client) -> None:
        """Make the stream, and pull through a new client."""
        await keep_inflow(client.jetstream(), self._stream, self._node)
        self._inbox = client.new_inbox()
        await client.subscribe(self._inbox, cb=self._on_message)
        self._client = client
        self._asked = 0
        await self._pull()

    def close(self) -> None:
        """The client is gone."""
        self._client = None

    async def take(self, most: int) -> Sequence[Delivery]:
        """Wait for messages, at least one, and return them in order."""
        while not self._waiting:
            self._something.clear()
            await self._mend()
            await self._pull()
            try:
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._something.wait()
            except TimeoutError:
                continue
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        await self._pull()
        return taken

    async def _pull(self) -> None:
        """Ask for as many messages as there is room for, unless a request is open."""
        room = UNSETTLED_MAX - len(self._waiting)
        client = self._client
        if client is None or not client.is_connected or self._asked > 0 or room <= 0:
            return
        self._asked = room
        self._heard_at = _now()
        wanted = {"batch": room, "expires": _EXPIRES, "idle_heartbeat": _HEARTBEAT}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(self._stream, self._node)}.{CONSUMER}"
        await client.publish(subject, json.dumps(wanted).encode(), reply=self._inbox)

    async def _mend(self) -> None:
        """Ask anew after a long silence; make stream and consumer anew when the server says they are gone."""
        if _now() - self._heard_at > _SILENCE_MAX:
            self._asked = 0
        if self._broken and self._client is not None:
            self._broken = False
            await asyncio.sleep(_MEND_AFTER)
            await keep_inflow(self._client.jetstream(), self._stream, self._node)

    async def _on_message(self, message: Msg) -> None:
        self._heard_at = _now()
        status = (message.headers or {}).get(Header.STATUS) if not message.data else None
        if status is None:
            self._asked = max(0, self._asked - 1)
            if subjects.is_acknowledgement(message.data):
                await message.ack()
            else:
                child = subjects.child_of(message.subject)
                self._waiting.append(Delivery(child, message.data, message.reply))
            self._something.set()
        elif status != _HEARTBEAT_STATUS:
            self._asked = 0
            if status not in _USED_UP:
                _log.warning("pull_refused", stream=self._stream, status=status)
                self._broken = True
            self._something.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
