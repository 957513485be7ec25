"""One atomic change on a database: it answers every module's ports, records events and shows them at once."""

import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, update

from adapters.database.heads import lock
from adapters.database.projections import project
from adapters.database.session import Session
from adapters.database.stores.alarms import AlarmStore
from adapters.database.stores.crossings import LaneStore, ReadingStore, RegistrationStore
from adapters.database.stores.dispatch import AnswerStore, ReactionStore
from adapters.database.stores.organisation import DeviceStore
from adapters.database.stores.quarantine import QuarantineStore
from adapters.database.stores.watchlist import EntryStore, WatchlistStore
from adapters.database.tables.logs import event as event_table
from adapters.database.tables.logs import log
from bus.catalogue import event_entry
from bus.codec import encode
from bus.recorded import Recorded
from bus.replication.chain import link
from bus.replication.clock import HybridClock
from bus.replication.log import LogId, Position
from bus.replication.record import SALT_BYTES, commitment
from domain.shared.actors import Actor
from domain.shared.messages import Event
from domain.shared.ports import Ids

_ADVANCE = (
    update(log)
    .where(log.c.id == bindparam("key"))
    .values(seq=bindparam("last"), hash=bindparam("chained"), projected=bindparam("last"))
)


class DatabaseChange:
    """A change as the dispatcher and every module need it."""

    def __init__(
        self,
        session: Session,
        *,
        node: str,
        epoch: int,
        actor: Actor,
        now: datetime,
        ids: Ids,
        hybrid: HybridClock,
        device_formats: Collection[str],
    ) -> None:
        """Change what ``session`` reaches."""
        self._session = session
        self._epoch = epoch
        self._ids = ids
        self._hybrid = hybrid
        self._heads: dict[str, tuple[int, Position]] = {}
        self._rows: list[tuple[object, ...]] = []
        self.recorded: list[Recorded] = []
        self.node = node
        self.actor = actor
        self.now = now
        self.device_formats = device_formats

    def new_id(self) -> str:
        """Return a fresh UUIDv7 as canonical text."""
        return self._ids.new()

    @property
    def lanes(self) -> LaneStore:
        """Where devices stand."""
        return LaneStore(self._session, self.node)

    @property
    def readings(self) -> ReadingStore:
        """The readings on record."""
        return ReadingStore(self._session)

    @property
    def registrations(self) -> RegistrationStore:
        """The registrations on record."""
        return RegistrationStore(self._session)

    @property
    def watchlist(self) -> WatchlistStore:
        """What is sought."""
        return WatchlistStore(self._session)

    @property
    def quarantine(self) -> QuarantineStore:
        """Pushes that could not be taken."""
        return QuarantineStore(self._session, self.node)

    @property
    def entries(self) -> EntryStore:
        """The watchlist entries on record."""
        return EntryStore(self._session)

    @property
    def devices(self) -> DeviceStore:
        """The devices known at this node."""
        return DeviceStore(self._session)

    @property
    def alarms(self) -> AlarmStore:
        """The alarms on record."""
        return AlarmStore(self._session, self.node)

    @property
    def answers(self) -> AnswerStore:
        """First answers to commands with a key."""
        return AnswerStore(self._session, self.now)

    @property
    def reactions(self) -> ReactionStore:
        """Reactions that are due."""
        return ReactionStore(self._session)

    async def record(self, event: Event) -> None:
        """Put an event at the end of its log and show it in the tables."""
        entry = event_entry(type(event))
        recorded = await self._chain(entry.kind, entry.channel(event), event)
        self.recorded.append(recorded)
        await project(self._session, (recorded,))

    async def attempt(self, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Run ``work`` so that its failure undoes only what it did; return the failure, or None."""
        heads, recorded = dict(self._heads), len(self.recorded)
        failure = await self._session.attempt(lambda _: work())
        if failure is not None:
            self._heads = heads
            del self.recorded[recorded:], self._rows[recorded:]
        return failure

    async def _chain(self, kind: str, channel: str, event: Event) -> Recorded:
        log_key, head = self._heads.get(channel) or await self._head(channel)
        event_id, salt, body = self._ids.new(), self._ids.random(SALT_BYTES), encode(event, self.now)
        hlc = self._hybrid.tick(int(self.now.timestamp() * 1000))
        hashed = link(head.hash, uuid.UUID(event_id).bytes, hlc, commitment(salt, body))
        self._heads[channel] = (log_key, Position(head.seq + 1, hashed))
        self._rows.append((log_key, head.seq + 1, event_id, hlc, salt, body, None, hashed))
        return Recorded(
            id=event_id,
            log=LogId(self.node, self._epoch, channel),
            seq=head.seq + 1,
            hash=hashed,
            hlc=hlc,
            kind=kind,
            at=self.now,
            salt=salt,
            body=body,
            event=event,
        )

    async def _head(self, channel: str) -> tuple[int, Position]:
        row = await lock(self._session, LogId(self.node, self._epoch, channel), via=None)
        return row["id"], Position(row["seq"], row["hash"])

    async def finish(self) -> Sequence[Recorded]:
        """Write the logs' new events and heads; the last thing a change does. Return what was recorded."""
        if self._rows:
            await self._session.add(event_table, self._rows)
        for log_key, head in self._heads.values():
            await self._session.run(_ADVANCE, key=log_key, last=head.seq, chained=head.hash)
        return self.recorded
