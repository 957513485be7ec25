"""Readings and registrations within a change."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select

from adapters.database.session import Row, Session
from adapters.database.stores.organisation import to_device
from adapters.database.tables.organisation import device
from adapters.database.tables.registrations import registration
from domain.identifiers.identifier import Identifier
from domain.registrations.model import (
    Correction,
    FeedVersion,
    KeptPicture,
    Match,
    ObjectKind,
    Reading,
    Registration,
    Screening,
    ScreeningOutcome,
    Traveller,
)
from domain.registrations.ports import Stand
from domain.visits.ports import LABELLED_MAX

_BESIDE = device.alias("beside")
_WIDEST = (
    select(func.max(_BESIDE.c.merge_window_seconds))
    .where(_BESIDE.c.site == device.c.site, _BESIDE.c.checkpoint == device.c.checkpoint)
    .scalar_subquery()
)
_VIEWS = (
    select(func.count(_BESIDE.c.view))
    .where(_BESIDE.c.site == device.c.site, _BESIDE.c.checkpoint == device.c.checkpoint)
    .scalar_subquery()
)
_STAND = select(device, _WIDEST.label("widest"), _VIEWS.label("views")).where(
    device.c.code == bindparam("code"), device.c.site == bindparam("site")
)
_REGISTRATION = select(registration).where(registration.c.id == bindparam("id"))
_LABELLED = (
    select(registration)
    .where(registration.c.label == bindparam("label"))
    .where(registration.c.seen_at.between(bindparam("since"), bindparam("until")))
    .order_by(registration.c.id.desc())
    .limit(LABELLED_MAX)
)

_identifiers = msgspec.json.Decoder(tuple[Identifier, ...])
_traveller = msgspec.json.Decoder(Traveller)
_texts = msgspec.json.Decoder(tuple[str, ...])
_versions = msgspec.json.Decoder(tuple[FeedVersion, ...])
_pictures = msgspec.json.Decoder(tuple[KeptPicture, ...])
_corrections = msgspec.json.Decoder(tuple[Correction, ...])
_matches = msgspec.json.Decoder(tuple[Match, ...])


class LaneStore:
    """Where the devices of this site stand."""

    def __init__(self, session: Session, node: str) -> None:
        """Read through ``session``."""
        self._session = session
        self._node = node

    async def stand_of(self, code: str) -> Stand | None:
        """Return where a device stands at this site, or None."""
        return await self._session.remembered(device, (self._node, code), partial(self._stand_of, code))

    async def _stand_of(self, code: str) -> Stand | None:
        row = await self._session.row(_STAND, code=code, site=self._node)
        if row is None:
            return None
        found = to_device(row)
        return Stand(
            device=found.code,
            lane=found.lane,
            checkpoint=found.checkpoint,
            direction=found.direction,
            merge_window=timedelta(seconds=row["widest"]),
            direction_words=found.direction_words,
            view=found.view,
            has_views=row["views"] > 0,
        )


class RegistrationStore:
    """The registrations on record."""

    def __init__(self, session: Session) -> None:
        """Read through ``session``."""
        self._session = session

    async def find(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        row = await self._session.row(_REGISTRATION, id=registration_id)
        return None if row is None else to_registration(row)

    async def labelled(self, label: str, since: datetime, until: datetime) -> Sequence[Registration]:
        """Return the registrations of this label that were seen between two times, the newest first."""
        rows = await self._session.rows(_LABELLED, label=label, since=since, until=until)
        return [to_registration(row) for row in rows]


def to_registration(row: Row) -> Registration:
    """Map a row of ``registration``."""
    return Registration(
        id=str(row["id"]),
        node=row["node"],
        kind=ObjectKind(row["kind"]),
        lane=row["lane"],
        direction=row["direction"],
        source=row["source"],
        registered_by=row["registered_by"],
        seen_at=row["seen_at"],
        registered_at=row["registered_at"],
        device_time=row["device_time"],
        late=row["late"],
        passage_id=None if row["passage_id"] is None else str(row["passage_id"]),
        identifiers=_identifiers.decode(row["identifiers"]),
        traveller=None if row["traveller"] is None else _traveller.decode(row["traveller"]),
        failed_checks=_texts.decode(row["failed_checks"]),
        screening=Screening(
            outcome=ScreeningOutcome(row["outcome"]),
            list_version=_versions.decode(row["list_version"]),
            matches=_matches.decode(row["matches"]),
            reason=row["reason"],
        ),
        corrections=() if row["corrections"] is None else _corrections.decode(row["corrections"]),
    )


def to_reading(row: Row) -> Reading:
    """Map a row of ``reading``."""
    return Reading(
        id=str(row["id"]),
        node=row["node"],
        passage_id=str(row["passage_id"]),
        registration_id=str(row["registration_id"]),
        device=row["device"],
        vendor_id=row["vendor_id"],
        lane=row["lane"],
        checkpoint=row["checkpoint"],
        plate=row["plate"],
        plate_raw=row["plate_raw"],
        confidence=row["confidence"],
        seen_at=row["seen_at"],
        device_time=row["device_time"],
        received_at=row["received_at"],
        retransmitted=row["retransmitted"],
        pictures=to_pictures(row["pictures"]),
        kind=row["kind"],
        train=row["train"],
        track=row["track"],
        position=row["position"],
        view=row["view"],
        country=row["country"],
        vehicle_type=row["vehicle_type"],
        make=row["make"],
        colour=row["colour"],
    )


def to_pictures(column: Any) -> tuple[KeptPicture, ...]:
    """Map the column ``pictures`` of a row of ``reading``."""
    return () if column is None else _pictures.decode(column)
