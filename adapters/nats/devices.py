"""The door for devices that publish on the nats-server of their site.

A device asks: its push is a request on its own subject, with its key and its content type in the headers, and the
answer is sent after the commit. A push without an answer may not be on record: the device repeats it, and what is on
record already is answered as ``duplicate``.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import nats.errors
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from adapters.nats import subjects
from adapters.nats.connection import NatsConnection
from bus.pushes.answers import PushAnswer
from bus.pushes.intake import Intake
from domain.organisation.errors import DeviceRefused
from domain.registrations.readings import Push
from domain.shared.errors import Unavailable

AT_ONCE_MAX: Final = 64
WAITING_BYTES_MAX: Final = 64 << 20
"""What waits beyond is dropped without an answer, so that the device repeats it."""
_BEARER: Final = "bearer"

_log = structlog.get_logger(__name__)


class NatsDevices:
    """A connection to the site's nats-server on which its devices are answered."""

    def __init__(self, url: str, *, node: str, intake: Intake) -> None:
        """Hand what devices push on the server at ``url`` to ``intake``."""
        self._connection = NatsConnection(url, node=node, purpose="devices")
        self._intake = intake
        self._room = asyncio.Semaphore(AT_ONCE_MAX)
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Stay connected and answer, until cancelled."""

        async def serve(client: Client) -> None:
            async def on_push(message: Msg) -> None:
                await self._room.acquire()
                task = asyncio.create_task(self._respond(client, message))
                self._answering.add(task)
                task.add_done_callback(self._answered)

            await client.subscribe(subjects.pushes(), cb=on_push, pending_bytes_limit=WAITING_BYTES_MAX)
            await asyncio.Event().wait()

        try:
            await self._connection.run(serve)
        finally:
            for task in self._answering:
                task.cancel()

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._room.release()
        self._answering.discard(task)

    async def _respond(self, client: Client, message: Msg) -> None:
        """Take a push and answer it. Nobody is spoken to but devices, whatever a message asks for."""
        if message.reply and not subjects.is_answer_to_device(message.reply):
            _log.warning("push_dropped", subject=message.subject, reply=message.reply)
            return
        try:
            answer = await self._taken(message)
        except Exception:  # noqa: BLE001 - the device is not answered, so it repeats the push
            _log.exception("push_not_answered", subject=message.subject)
            return
        if message.reply:
            with suppress(nats.errors.Error, OSError):
                await client.publish(message.reply, orjson.dumps(answer.document()))

    async def _taken(self, message: Msg) -> PushAnswer:
        headers = {name.lower(): value for name, value in (message.headers or {}).items()}
        try:
            device = await self._intake.device(subjects.device_of(message.subject), _key_in(headers))
        except DeviceRefused as refusal:
            return PushAnswer(status="refused", problem=refusal)
        except Unavailable as unavailable:
            return PushAnswer(status="unavailable", problem=unavailable)
        return await self._intake.take(device, Push(content_type=headers.get("content-type", ""), body=message.data))


def _key_in(headers: Mapping[str, str]) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == _BEARER else ""
