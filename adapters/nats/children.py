"""The wire on which a node serves its children."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import ServiceUnavailableError

from adapters.nats import subjects
from adapters.nats.connection import NatsConnection
from adapters.nats.inflow import Inflow
from adapters.nats.questions import Questions
from adapters.nats.streams import Unwritable, forget_settled, make_anew
from bus.link.wire import Answer, Delivery, Question, Stream, Unreachable

_TIDY_EVERY: Final = 5.0
_NO_ANSWER: Final = (nats.errors.TimeoutError, nats.errors.NoRespondersError, ServiceUnavailableError)

_log = structlog.get_logger(__name__)


class NatsChildrenWire:
    """A connection to the node's own server, on which its children's leaf links end."""

    def __init__(self, url: str, *, node: str) -> None:
        """Serve the children of ``node`` over its server at ``url``."""
        self._connection = NatsConnection(url, node=node, purpose="children")
        self._node = node
        self._inflows = {stream: Inflow(stream, node) for stream in Stream}
        self._questions = Questions()
        self._unwritable: dict[Stream, str] = {}
        self._failed = 0

    @property
    def unwritable(self) -> Mapping[Stream, str]:
        """Streams into which the broker took nothing when it was looked at last, and why. They are made anew."""
        return self._unwritable

    async def run(self, answer: Answer) -> None:
        """Stay connected, keep the streams, and answer the children, until cancelled."""

        async def serve(client: Client) -> None:
            jetstream = client.jetstream()
            for inflow in self._inflows.values():
                await inflow.open(client)
            for question in Question:
                await self._serve(client, question, answer)
            while True:
                await asyncio.sleep(_TIDY_EVERY)
                for stream in Stream:
                    await self._tidy(jetstream, stream)

        try:
            await self._connection.run(serve)
        except nats.errors.Error as error:
            if isinstance(error, _NO_ANSWER):
                self._note_failure(error)
            raise Unreachable(str(error)) from error
        finally:
            self._questions.end()
            for inflow in self._inflows.values():
                inflow.close()

    async def _tidy(self, jetstream: JetStreamContext, stream: Stream) -> None:
        try:
            await forget_settled(jetstream, stream, self._node)
        except Unwritable as refusal:
            self._unwritable[stream] = str(refusal)
            _log.error("stream_made_anew", stream=stream, reason=str(refusal))
            await make_anew(jetstream, stream, self._node)
        else:
            self._unwritable.pop(stream, None)
            self._failed = 0

    def _note_failure(self, error: nats.errors.Error) -> None:
        """A server that takes clients and answers nothing about streams, twice in a row, has given them up."""
        self._failed += 1
        if self._failed > 1:
            self._unwritable = dict.fromkeys(Stream, f"no answer about streams ({error})")

    async def take(self, stream: Stream, most: int) -> Sequence[Delivery]:
        """Wait for messages of a stream, at least one; return them in order."""
        return await self._inflows[stream].take(most)

    async def settle(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are done with."""
        for delivery in deliveries:
            await self._say(delivery.receipt, b"")

    async def confirm(self, child: str, data: bytes) -> None:
        """Say confirmations to a child."""
        await self._say(subjects.confirmations(self._node, child), data)

    async def broadcast(self, channel: str, data: bytes) -> None:
        """Say a batch of a feed to all children."""
        await self._say(subjects.broadcasts(self._node, channel), data)

    async def _say(self, subject: str, data: bytes) -> None:
        """Publish to whoever listens. What is not heard comes again in another way."""
        with suppress(Unreachable, nats.errors.Error, OSError):
            await self._connection.client.publish(subject, data)

    async def _serve(self, client: Client, question: Question, answer: Answer) -> None:
        async def on_question(message: Msg) -> None:
            child = subjects.child_of(message.subject)
            if subjects.is_answer_to(child, message.reply):  # else it would have us speak where it may not
                self._questions.put(child, partial(_answer, client, child, question, message, answer))

        await client.subscribe(subjects.questions(self._node, subjects.ANY, question), cb=on_question)


async def _answer(client: Client, child: str, question: Question, message: Msg, answer: Answer) -> None:
    said = await answer(child, question, message.data)
    with suppress(nats.errors.Error, OSError):
        await client.publish(message.reply, said)
