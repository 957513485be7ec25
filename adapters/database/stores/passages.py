"""Readings within a change, and passages as their readings tell of them, with all passages linked to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import and_, bindparam, func, or_, select

from adapters.database.session import Row, Session
from adapters.database.stores.entities import to_entity
from adapters.database.stores.registrations import to_reading
from adapters.database.tables.entities import TABLES
from adapters.database.tables.registrations import passage_link, reading
from domain.organisation.events import VehicleClass
from domain.registrations.measurements import Measurement
from domain.registrations.model import Reading
from domain.registrations.passage import Passage, passage_of, voted_class
from domain.registrations.passages import Extent, Nearby, Place, Source
from domain.registrations.ports import NEARBY_MAX
from domain.registrations.views import READINGS_MAX

_KEPT = reading.outerjoin(passage_link, passage_link.c.linked_passage_id == reading.c.passage_id)
_NEARBY = select(
    func.coalesce(passage_link.c.passage_id, reading.c.passage_id).label("passage_id"),
    func.coalesce(passage_link.c.registration_id, reading.c.registration_id).label("registration_id"),
    reading.c.plate,
    reading.c.folded,
    reading.c.country,
    reading.c.seen_at,
    reading.c.kind,
    reading.c.train,
    reading.c.track,
    reading.c.position,
    reading.c.view,
    reading.c.device,
    reading.c.confidence,
    reading.c.lane,
).select_from(_KEPT)
_KNOWN = _NEARBY.where(reading.c.device == bindparam("device"), reading.c.vendor_id == bindparam("vendor_id"))
_TOLD = select(reading).where(reading.c.device == bindparam("device"), reading.c.vendor_id == bindparam("vendor_id"))
_NEAR = (
    _NEARBY.where(
        reading.c.checkpoint == bindparam("checkpoint"),
        reading.c.seen_at >= bindparam("since"),
        reading.c.seen_at <= bindparam("until"),
    )
    .order_by(reading.c.seen_at.desc())
    .limit(NEARBY_MAX)
)
_MEASUREMENT = TABLES[Measurement]
_MEASURED = (
    select(_MEASUREMENT.c.body)
    .where(
        _MEASUREMENT.c.checkpoint == bindparam("checkpoint"),
        _MEASUREMENT.c.at >= bindparam("since"),
        _MEASUREMENT.c.at <= bindparam("until"),
    )
    .order_by(_MEASUREMENT.c.at, _MEASUREMENT.c.id)
)
_HAS_MEASURED = select(_MEASUREMENT.c.id).where(_MEASUREMENT.c.checkpoint == bindparam("checkpoint")).limit(1)
_KEPT_OF = select(passage_link.c.registration_id).where(passage_link.c.linked_registration_id == bindparam("linked"))
_LINKED = select(passage_link.c.linked_registration_id).where(passage_link.c.registration_id == bindparam("kept"))
_OF_PASSAGE = or_(reading.c.registration_id == bindparam("kept"), reading.c.registration_id.in_(_LINKED))
_IN_LANE = and_(_OF_PASSAGE, reading.c.lane == bindparam("lane"))
_FIRST, _LAST = (
    select(reading.c.seen_at).where(_IN_LANE).order_by(end).limit(1)
    for end in (reading.c.seen_at, reading.c.seen_at.desc())
)
_VIEWS = select(reading.c.view).distinct().where(_IN_LANE)
_LANES = select(reading.c.lane).distinct().where(_OF_PASSAGE).order_by(reading.c.lane)
_READINGS = select(reading).where(_OF_PASSAGE).order_by(reading.c.seen_at, reading.c.id).limit(READINGS_MAX)
_TYPES = select(reading.c.id, reading.c.vehicle_type, reading.c.confidence).where(
    _OF_PASSAGE, reading.c.vehicle_type.is_not(None)
)


class ReadingStore:
    """The readings on record."""

    def __init__(self, session: Session) -> None:
        """Read through ``session``."""
        self._session = session

    async def find(self, device: str, vendor_id: str) -> Nearby | None:
        """Return the reading that ``device`` calls ``vendor_id``, or None."""
        row = await self._session.row(_KNOWN, device=device, vendor_id=vendor_id)
        return None if row is None else _to_nearby(row)

    async def told(self, device: str, vendor_id: str) -> Reading | None:
        """Return the same as it stands on record, or None."""
        row = await self._session.row(_TOLD, device=device, vendor_id=vendor_id)
        return None if row is None else to_reading(row)

    async def near(self, checkpoint: str, since: datetime, until: datetime) -> Sequence[Nearby]:
        """Return readings at the checkpoint between the two times, newest first."""
        rows = await self._session.rows(_NEAR, checkpoint=checkpoint, since=since, until=until)
        return [_to_nearby(row) for row in rows]

    async def extent(self, registration_id: str, lane: str) -> Extent | None:
        """Return from when to when the passage of a registration that was kept was read in a lane, or None."""
        first = await self._session.row(_FIRST, kept=registration_id, lane=lane)
        last = await self._session.row(_LAST, kept=registration_id, lane=lane)
        if first is None or last is None:
            return None
        views = await self._session.rows(_VIEWS, kept=registration_id, lane=lane)
        return Extent(first_at=first["seen_at"], last_at=last["seen_at"], views=frozenset(row["view"] for row in views))

    async def lanes_of(self, registration_id: str) -> Sequence[str]:
        """Return the lanes in which the passage of a registration that was kept was read, in order."""
        return [row["lane"] for row in await self._session.rows(_LANES, kept=registration_id)]

    async def vehicle_class(self, registration_ids: Iterable[str], without: str | None = None) -> VehicleClass | None:
        """Return of which class a vehicle is by the readings of its registrations, or None."""
        passages = {await _kept(self._session, each) for each in registration_ids}
        told = [row for each in passages for row in await self._session.rows(_TYPES, kept=each)]
        return voted_class((row["vehicle_type"], row["confidence"]) for row in told if str(row["id"]) != without)

    async def measured(self, checkpoint: str, since: datetime, until: datetime) -> Sequence[Measurement]:
        """Return the measurements at the checkpoint between the two times, oldest first."""
        if not await self._session.remembered(_MEASUREMENT, checkpoint, partial(self._has_measured, checkpoint)):
            return ()
        rows = await self._session.rows(_MEASURED, checkpoint=checkpoint, since=since, until=until)
        return [to_entity(Measurement, row) for row in rows]

    async def _has_measured(self, checkpoint: str) -> bool:
        """Tell whether anything was ever measured at a checkpoint: at most of them nothing is."""
        return await self._session.row(_HAS_MEASURED, checkpoint=checkpoint) is not None


async def passage(session: Session, registration_id: str) -> Passage | None:
    """Return the passage of a registration, with all linked to it, or None."""
    kept, readings = await _of_passage(session, registration_id)
    return passage_of(next((one.passage_id for one in readings if one.registration_id == kept), ""), readings)


async def _of_passage(session: Session, registration_id: str) -> tuple[str, Sequence[Reading]]:
    """Return the registration whose passage was kept, and the readings of that and all linked to it."""
    kept = await _kept(session, registration_id)
    return kept, [to_reading(row) for row in await session.rows(_READINGS, kept=kept)]


async def _kept(session: Session, registration_id: str) -> str:
    """Return the registration whose passage was kept of those linked to that of this one: itself where none is."""
    link = await session.row(_KEPT_OF, linked=registration_id)
    return registration_id if link is None else str(link["registration_id"])


def _to_nearby(row: Row) -> Nearby:
    return Nearby(
        passage_id=str(row["passage_id"]),
        registration_id=str(row["registration_id"]),
        canonical=row["plate"],
        folded=row["folded"],
        country=row["country"],
        seen_at=row["seen_at"],
        kind=row["kind"],
        place=Place(train=row["train"], track=row["track"], position=row["position"]),
        view=row["view"],
        source=Source(device=row["device"], confidence=row["confidence"]),
        lane=row["lane"],
    )
