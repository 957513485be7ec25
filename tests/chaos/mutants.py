"""Nodes without one of their safeguards: the checker must find what they lose."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from adapters.database.arrivals import Intake
from adapters.database.heads import set_head
from adapters.database.logs import DatabaseLogs
from adapters.database.prepared import Arrivals
from adapters.database.session import Session
from adapters.nats.parent import NatsParentWire
from bus.link.messages import Confirmations, Confirmed, Welcome, decode, encode
from bus.link.wire import Hear, Question
from bus.replication.batch import PackedBatch
from bus.replication.log import LogId, Position
from bus.replication.pace import SHORTEST
from bus.replication.ports import Applied
from sites import neighbours, parts

APART: Final = 1.0
"""Seconds between two commits that should be one: a strike is to fall between them though there are few."""


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

    async def send(self, batch: PackedBatch, within: float = SHORTEST) -> None:
        """Put a batch into the parent's stream, and believe that this was all."""
        await super().send(batch, within)
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


class WatermarkApart(DatabaseLogs):
    """Advances the watermarks of what arrived in one transaction, and puts the events on record in the next.

    It confirms after both, as it must: only a crash between them tells it from a node with the safeguard.
    """

    async def _take_in(self, arrivals: Arrivals, lock: Callable[[Intake], Awaitable[None]]) -> Sequence[Applied]:
        async def watermarks(session: Session) -> tuple[Intake, list[Applied]]:
            intake = Intake(session, self._clock.now())
            await lock(intake)
            taken = [await intake.take(arrival) for arrival in arrivals.all]
            for log in intake._open.values():
                await set_head(session, log.row["id"], log.head)
            return intake, [Applied(verdict=verdict, held=self._to_held(log.row, log.head)) for verdict, log in taken]

        intake, applied = await self._database.write(watermarks)
        await asyncio.sleep(APART)

        async def events(session: Session) -> None:
            intake._session = session
            await intake.write(arrivals)

        await self._database.write(events, lambda _: self._tell(([], intake.recorded)))
        return applied


def _put_watermarks_apart() -> None:
    parts.DatabaseLogs = WatermarkApart  # type: ignore[misc] - what a mutant is


MUTANTS: Mapping[str, Callable[[], None]] = {
    "trusts_broker": _trust_the_broker,
    "watermark_apart": _put_watermarks_apart,
}
"""By name, what makes a node one; called before the node is put together."""
