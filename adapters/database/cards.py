"""Companions of registrations, and the card of an object: what several modules' tables tell together."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CTE, Select, Table, bindparam, func, or_, select, union_all

from adapters.database import lookups
from adapters.database.elements import HoldsWord, IsOneOfIds
from adapters.database.session import Session
from adapters.database.stores.alarms import to_alarm
from adapters.database.stores.entities import to_entity
from adapters.database.stores.registrations import to_registration
from adapters.database.tables.alarms import alarm
from adapters.database.tables.entities import TABLES
from adapters.database.tables.registrations import registration
from adapters.database.types import Id
from bus.lookups import CARD_MAX, PERIODS, Card, Companion, Tally, companions, ties
from domain.crossings.binding import Binding
from domain.crossings.model import Crossing
from domain.occurrences.model import Occurrence
from domain.registrations.model import VehiclePair
from domain.shared.ids import first_id
from domain.shared.views import Window

_BINDING, _CROSSING, _PAIR = TABLES[Binding], TABLES[Crossing], TABLES[VehiclePair]
_KEYS: Any = bindparam("keys")
_BOUND: Final = (
    select(_BINDING.c.id, _CROSSING.c.body)
    .join(_CROSSING, _CROSSING.c.id == _BINDING.c.crossing_id)
    .where(IsOneOfIds(_BINDING.c.id, _KEYS))
)
_PAIRS: Final = select(_PAIR.c.body).where(or_(IsOneOfIds(_PAIR.c.tractor, _KEYS), IsOneOfIds(_PAIR.c.trailer, _KEYS)))
_OF_IDS: Final = select(registration).where(IsOneOfIds(registration.c.id, _KEYS))


def _ours() -> CTE:
    """Return all registrations of an object since ``year``: by their label, and by what else they have."""
    wanted = select(registration.c.id, registration.c.node, registration.c.direction).where(
        bindparam("year", type_=Id) <= registration.c.id,
        lookups.HOLDS_OBJECT,
    )
    label, further = registration.c.label, registration.c.further
    of_label = wanted.where(label == bindparam("canonical"))
    of_further = wanted.where(
        further.is_not(None), HoldsWord(further, bindparam("canonical")), label != bindparam("canonical")
    )
    return union_all(of_label, of_further).cte("ours").prefix_with("MATERIALIZED")


_OURS: Final = _ours()
_TALLIES: Final = select(
    _OURS.c.node,
    _OURS.c.direction,
    *(func.count().filter(_OURS.c.id >= bindparam(name, type_=Id)).label(f"of_{name}") for name in PERIODS),
).group_by(_OURS.c.node, _OURS.c.direction)


def _about(table: Table) -> Select[Any]:
    """Return the query for the newest rows about these registrations; all are found first, and then put in order."""
    these = (
        select(table).where(table.c.registration_id.in_(select(_OURS.c.id))).cte("these").prefix_with("MATERIALIZED")
    )
    return select(these).order_by(these.c.id.desc()).limit(CARD_MAX)


_ALARMS: Final = _about(alarm)
_OCCURRENCES: Final = _about(TABLES[Occurrence])


async def companions_of(session: Session, registration_ids: Sequence[str]) -> Mapping[str, Sequence[Companion]]:
    """Return with whom each was registered."""
    keys = json.dumps(list(registration_ids))
    bound = {str(row["id"]): to_entity(Crossing, row) for row in await session.rows(_BOUND, keys=keys)}
    pairs = [to_entity(VehiclePair, row) for row in await session.rows(_PAIRS, keys=keys)]
    found = ties(registration_ids, bound, pairs)
    others = list(dict.fromkeys(other for beside in found.values() for other in beside))
    rows = await session.rows(_OF_IDS, keys=json.dumps(others)) if others else []
    return companions(found, map(to_registration, rows))


async def card(session: Session, kind: str, canonical: str, now: datetime) -> Card:
    """Return the card of an object."""
    page = await lookups.history(session, Window(limit=CARD_MAX), kind, canonical)
    since = {name: first_id(now - period) for name, period in PERIODS.items()}
    sought = {"of_kind": kind, "canonical": canonical, "year": since["year"]}
    return Card(
        registrations=page.items,
        beside=await companions_of(session, [each.id for each in page.items]),
        tallies=await _tallies(session, {**since, **sought}),
        alarms=[to_alarm(row) for row in await session.rows(_ALARMS, **sought)],
        occurrences=[to_entity(Occurrence, row) for row in await session.rows(_OCCURRENCES, **sought)],
    )


async def _tallies(session: Session, sought: Mapping[str, str]) -> Sequence[Tally]:
    rows = await session.rows(_TALLIES, **sought)
    rows = sorted(rows, key=lambda row: (row["node"], row["direction"]))
    return [
        Tally(node=row["node"], direction=row["direction"], **{name: row[f"of_{name}"] for name in PERIODS})
        for row in rows
    ]
