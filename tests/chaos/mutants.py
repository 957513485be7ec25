"""Nodes without one of their safeguards: the checker must find what they lose."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from adapters.nats.parent import NatsParentWire
from bus.link.messages import Confirmations, Confirmed, Welcome, decode, encode
from bus.link.wire import Hear, Question
from bus.replication.batch import PackedBatch
from bus.replication.log import LogId, Position
from sites import neighbours


class TrustingWire(NatsParentWire):
    """Takes the broker's word for the parent's: what the broker has taken counts as committed, up to the centre."""

    def __init__(self, *args: Any, **named: Any) -> None:
        """Believe nothing yet."""
        super().__init__(*args, **named)
        self._believed: dict[LogId, Confirmed] = {}

    async def run(self, *, feeds: Collection[str], confirmations: Hear, broadcast: Hear) -> None:
        """Stay connected; what the parent says of batches is not heard."""
        self._hear = confirmations
        await super().run(feeds=feeds, confirmations=lambda _: None, broadcast=broadcast)

    async def send(self, batch: PackedBatch) -> None:
        """Put a batch into the parent's stream, and believe that this was all."""
        await super().send(batch)
        header = batch.header
        position = Position(header.last, header.after)
        self._believed[header.log] = Confirmed(header.log, position, position)
        self._hear(encode(Confirmations([self._believed[header.log]])))

    async def ask(self, question: Question, data: bytes) -> bytes:
        """Ask the parent; how far it says it is, is not heard of logs of which the broker has taken something."""
        answer = await super().ask(question, data)
        if question is not Question.HELLO:
            return answer
        welcome = decode(Welcome, answer)
        confirmed = {word.log: word for word in welcome.confirmed} | self._believed
        return encode(msgspec.structs.replace(welcome, confirmed=list(confirmed.values())))


def _trust_the_broker() -> None:
    neighbours.NatsParentWire = TrustingWire  # type: ignore[misc] - what a mutant is


MUTANTS: Mapping[str, Callable[[], None]] = {"trusts_broker": _trust_the_broker}
"""By name, what makes a node one; called before the node is put together."""
