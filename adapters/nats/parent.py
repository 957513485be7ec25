"""The wire towards the parent."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from adapters.nats import subjects
from adapters.nats.connection import NatsConnection
from adapters.nats.credentials import Credentials
from bus.link.wire import Hear, Question, Unanswered, Unreachable
from bus.replication.batch import PackedBatch
from bus.replication.pace import SHORTEST

ANSWER_WITHIN: Final = SHORTEST
PIECE_WITHIN: Final = 10.0
"""Seconds. A piece of a snapshot that does not compress takes a line of 0.5 Mbit/s eight."""


class NatsParentWire:
    """A connection towards the parent: to the local server and over its leaf link, or straight to the parent's."""

    def __init__(
        self, url: str, *, node: str, parent: str, purpose: str, credentials: Credentials | None = None
    ) -> None:
        """Speak as ``node`` to ``parent`` over the server at ``url``; ``purpose`` names the connection."""
        self._connection = NatsConnection(url, node=node, purpose=purpose, credentials=credentials)
        self._node = node
        self._parent = parent

    async def run(self, *, feeds: Collection[str], confirmations: Hear, broadcast: Hear) -> None:
        """Stay connected, and pass on what the parent says, until cancelled."""

        async def serve(client: Client) -> None:
            await client.subscribe(subjects.confirmations(self._parent, self._node), cb=_telling(confirmations))
            for feed in feeds:
                await client.subscribe(subjects.broadcasts(self._parent, feed), cb=_telling(broadcast))
            await asyncio.get_running_loop().create_future()

        await self._connection.run(serve)

    async def send(self, batch: PackedBatch, within: float = SHORTEST) -> None:
        """Put a batch into the parent's stream; return when the broker has taken it."""
        subject = subjects.batches(self._parent, self._node, batch.header.log.channel)
        headers = {"Nats-Msg-Id": batch.header.message_id}
        stream = self._connection.client.jetstream()
        try:
            await stream.publish(subject, batch.data, timeout=within, headers=headers)
        except (nats.errors.Error, OSError) as error:
            raise Unreachable(str(error)) from error

    async def ask(self, question: Question, data: bytes) -> bytes:
        """Ask the parent."""
        subject = subjects.questions(self._parent, self._node, question)
        within = PIECE_WITHIN if question is Question.SNAPSHOT else ANSWER_WITHIN
        try:
            answer = await self._connection.client.request(subject, data, timeout=within)
        except nats.errors.TimeoutError as error:
            raise Unanswered(str(error)) from error
        except (nats.errors.Error, OSError) as error:
            raise Unreachable(str(error)) from error
        return answer.data


def _telling(hear: Hear) -> Callable[[Msg], Awaitable[None]]:
    async def tell(message: Msg) -> None:
        if not subjects.is_acknowledgement(message.data):
            hear(message.data)

    return tell
