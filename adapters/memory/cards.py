"""Companions of registrations, and the card of an object, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from adapters.memory.tables import Table, Tables
from bus.lookups import CARD_MAX, PERIODS, Card, Companion, Tally, companions, ties
from domain.alarms.model import Alarm
from domain.crossings.binding import Binding
from domain.crossings.model import Crossing
from domain.occurrences.model import Occurrence
from domain.registrations.lookups import is_of
from domain.registrations.model import Registration, VehiclePair
from domain.shared.ids import first_id
from domain.shared.views import Window

A = TypeVar("A", Alarm, Occurrence)


def companions_of(tables: Tables, registration_ids: Sequence[str]) -> Mapping[str, Sequence[Companion]]:
    """Return with whom each was registered."""
    bindings, crossings = tables.entities[Binding], tables.entities[Crossing]
    known = {each: bindings.get(each) for each in registration_ids}
    bound = {each: crossings.get(binding.crossing_id) for each, binding in known.items() if binding is not None}
    held = {each: crossing for each, crossing in bound.items() if crossing is not None}
    return companions(ties(registration_ids, held, tables.entities[VehiclePair].all()), tables.registrations.all())


def card(tables: Tables, kind: str, canonical: str, now: datetime) -> Card:
    """Return the card of an object."""
    page = tables.registrations.page(Window(limit=CARD_MAX), lambda row: is_of(row, kind, canonical))
    since = {name: first_id(now - period) for name, period in PERIODS.items()}
    ours = [row for row in tables.registrations.all() if is_of(row, kind, canonical) and row.id >= since["year"]]
    keys = {each.id for each in ours}
    return Card(
        registrations=page.items,
        beside=companions_of(tables, [each.id for each in page.items]),
        tallies=_tallies(ours, since),
        alarms=_about(tables.alarms, keys),
        occurrences=_about(tables.entities[Occurrence], keys),
    )


def _about(table: Table[A], keys: set[str]) -> Sequence[A]:
    return table.page(Window(limit=CARD_MAX), lambda row: row.registration_id in keys).items


def _tallies(ours: Sequence[Registration], since: Mapping[str, str]) -> Sequence[Tally]:
    places = sorted({(each.node, each.direction) for each in ours})
    counted = {
        name: Counter((each.node, each.direction) for each in ours if each.id >= first) for name, first in since.items()
    }
    return [
        Tally(node=node, direction=direction, **{name: counted[name][node, direction] for name in PERIODS})
        for node, direction in places
    ]
