"""One atomic change on a database: it answers every module's ports, records events and shows them at once."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from adapters.database import epochs, tails
from adapters.database.held_events import HeldEventStore
from adapters.database.projections import project_one
from adapters.database.session import Session
from adapters.database.stores.alarms import AlarmStore
from adapters.database.stores.crossings import SightingStore
from adapters.database.stores.devices import ContactStore
from adapters.database.stores.dispatch import AnswerStore, ReactionStore
from adapters.database.stores.entities import EntityStore
from adapters.database.stores.erasure import ErasableStore
from adapters.database.stores.organisation import DeviceStore
from adapters.database.stores.passages import ReadingStore
from adapters.database.stores.quarantine import QuarantineStore
from adapters.database.stores.registrations import LaneStore, RegistrationStore
from adapters.database.stores.upkeep import HeldBatchStore
from adapters.database.stores.watchlist import EntryStore, WatchlistStore
from bus.catalogue import event_entry
from bus.codec import encode
from bus.recorded import Recorded
from bus.replication.chain import link
from bus.replication.clock import HybridClock
from bus.replication.log import LogId
from bus.replication.record import commitment
from bus.replication.seal import Seal
from domain.organisation.permitting import TrafficAtLanes
from domain.shared.actors import Actor
from domain.shared.messages import Event
from domain.shared.ports import Ids


class DatabaseChange:
    """A change as the dispatcher and every module need it.

    Attributes:
        recorded: what it has put on record, oldest first.
        shown: what it has shown of what was on record and in quarantine, in the order of the logs.
    """

    def __init__(
        self,
        session: Session,
        *,
        node: str,
        actor: Actor,
        now: datetime,
        ids: Ids,
        hybrid: HybridClock,
        seal: Seal,
        device_formats: Collection[str],
        lists: Collection[str],
        has_room: bool,
    ) -> None:
        """Change what ``session`` reaches."""
        self._session = session
        self._ids = ids
        self._hybrid = hybrid
        self._seal = seal
        self._lists = lists
        self._has_room = has_room
        self.recorded: list[Recorded] = []
        self.shown: list[Recorded] = []
        self.node = node
        self.actor = actor
        self.now = now
        self.device_formats = device_formats

    def new_id(self) -> str:
        """Return a fresh UUIDv7 as canonical text."""
        return self._ids.new()

    @property
    def entities(self) -> EntityStore:
        """The entities on record."""
        return EntityStore(self._session)

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
        return WatchlistStore(self._session, self._lists)

    @property
    def quarantine(self) -> QuarantineStore:
        """Pushes that could not be taken."""
        return QuarantineStore(self._session, self.node, has_room=self._has_room)

    @property
    def entries(self) -> EntryStore:
        """The watchlist entries on record."""
        return EntryStore(self._session)

    @property
    def devices(self) -> DeviceStore:
        """The devices known at this node."""
        return DeviceStore(self._session)

    @property
    def contacts(self) -> ContactStore:
        """When devices were heard last."""
        return ContactStore(self._session)

    @property
    def alarms(self) -> AlarmStore:
        """The alarms on record."""
        return AlarmStore(self._session, self.node)

    @property
    def sightings(self) -> SightingStore:
        """What crossings ask of registrations and alarms."""
        return SightingStore(self._session, self.node)

    @property
    def permitted(self) -> TrafficAtLanes:
        """What the posts permit."""
        return TrafficAtLanes(self.entities, self.node)

    @property
    def erasables(self) -> ErasableStore:
        """What can be erased."""
        return ErasableStore(self._session, self.now)

    @property
    def held_events(self) -> HeldEventStore:
        """Events in quarantine."""
        return HeldEventStore(self._session, self.actor.name, self.now, self.shown)

    @property
    def held_batches(self) -> HeldBatchStore:
        """Batches in quarantine."""
        return HeldBatchStore(self._session, self.actor.name, self.now)

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
        await project_one(self._session, recorded)

    async def attempt(self, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Run ``work`` so that its failure undoes only what it did; return the failure, or None."""
        recorded, mark = len(self.recorded), self._session.tails.mark()
        failure = await self._session.attempt(lambda _: work())
        if failure is not None:
            self._session.tails.back(mark)
            del self.recorded[recorded:]
        return failure

    async def _chain(self, kind: str, channel: str, event: Event) -> Recorded:
        log = LogId(self.node, await epochs.present(self._session), channel)
        head = await tails.head(self._session, log)
        event_id, body = self._ids.new(), encode(event, self.now)
        raw_id, hlc = bytes.fromhex(event_id.replace("-", "")), self._hybrid.tick(int(self.now.timestamp() * 1000))
        salt = self._seal.salt(raw_id, hlc, body)
        hashed = link(head.hash, raw_id, hlc, commitment(salt, body))
        seq = tails.append(self._session, log, hashed, (event_id, hlc, salt, body, None, hashed))
        return Recorded(
            id=event_id,
            log=log,
            seq=seq,
            hash=hashed,
            hlc=hlc,
            kind=kind,
            at=self.now,
            salt=salt,
            body=body,
            event=event,
        )
