"""What readings come to does not depend on the order in which they come, nor on how often."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bus.dispatcher import Dispatcher
from domain.organisation.events import DeviceEnrolled
from domain.organisation.model import View
from domain.registrations.commands import TakeReadings
from domain.registrations.passage import Passage, passage_of
from domain.registrations.readings import Seen, Weighed
from domain.shared.actors import Actor, Role
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import Node, memory
from tests.contracts.databases import sqlite
from tests.samples import MORNING, NODE, device, entry, seen

CAMERA = Actor(name="cam", roles=frozenset({Role.DEVICE}))
CAMERAS = {
    "front": (View.FRONT, "lane-1", 10),
    "rear": (View.REAR, "lane-1", 9),
    "any": (None, "lane-1", 6),
    "front-2": (View.FRONT, "lane-2", 8),
    "rear-2": (View.REAR, "lane-2", 8),
}
"""By code: what each sees, in which lane, and its window in seconds."""

SCALES = {"scale": "any", "scale-2": "front-2"}
SOUGHT = entry(("WA123", None))
Open = Callable[[], AbstractAsyncContextManager[Node]]
Said = tuple[str, Seen | Weighed]
Sight = tuple[int, str, str, float, str | None]
"""Second, device, plate, confidence, country."""

WORDS = ("Sedan", "Bus", None, "SUV", "Van")
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which takes minutes of a node for each step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What stands on record in the end, without ids, which are made as things come.

    Attributes:
        vehicles: of each passage, after all links, what its readings say together, and the entries it met.
        pairs: the readings of tractor and trailer.
        weighings: the readings of the passage of each.
    """

    vehicles: Mapping[frozenset[str], tuple[Passage | None, frozenset[str], frozenset[str]]]
    pairs: frozenset[tuple[frozenset[str], frozenset[str]]]
    weighings: Mapping[str, frozenset[str]]


async def outcome(open_: Open, said: Iterable[Said]) -> Outcome:
    """Have devices say this, one after the other, and return what came of it."""
    async with open_() as node:
        await node.record(
            EntryActivated(entry=SOUGHT),
            *(
                DeviceEnrolled(device=device(code=code, view=view, lane=lane, merge_window=timedelta(seconds=window)))
                for code, (view, lane, window) in CAMERAS.items()
            ),
        )
        dispatcher = Dispatcher(NODE, node.changes)
        for code, one in said:
            told: Any = {"seen": (one,)} if isinstance(one, Seen) else {"weighed": (one,)}
            await dispatcher.dispatch(TakeReadings(device=code, received_at=MORNING + HOUR, **told), CAMERA)
        return await _outcome(node)


HOUR = timedelta(hours=1)


async def _outcome(node: Node) -> Outcome:
    events = {kind: [one.event for one in node.heard if one.kind == kind] for kind in {one.kind for one in node.heard}}
    links: Any = {one.linked_registration_id: one.registration_id for one in events.get("PassagesLinked", ())}
    parts: dict[str, set[str]] = {}
    registrations = (await node.views.registrations(Window(limit=100))).items
    for event in events.get("ReadingTaken", ()):
        parts.setdefault(_kept(links, event.registration_id), set()).add(event.vendor_id)
    vehicles = {}
    for kept, readings in parts.items():
        own = [one for one in registrations if _kept(links, one.id) == kept]
        told = await node.views.readings([one.id for one in own])
        passage = passage_of("", told)
        read = frozenset(identifier.canonical for one in own for identifier in one.identifiers)
        met = frozenset(match.read for one in own for match in one.screening.matches)
        vehicles[frozenset(readings)] = (passage, read, met)
    whole = {kept: frozenset(readings) for kept, readings in parts.items()}
    parted = {one.pair_id for one in events.get("VehiclesParted", ())}
    pairs = [one.pair for one in events.get("VehiclesPaired", ()) if one.pair.id not in parted]
    weighings = {}
    placed = {one.measurement_id: one.registration_id for one in events.get("MeasurementPlaced", ())}
    for one in events.get("WeighingTaken", ()):
        registration_id = placed.get(one.measurement.id, one.measurement.registration_id)
        if registration_id is not None:
            weighings[one.measurement.vendor_id] = whole[_kept(links, registration_id)]
    return Outcome(
        vehicles=vehicles,
        pairs=frozenset((whole[_kept(links, one.tractor)], whole[_kept(links, one.trailer)]) for one in pairs),
        weighings=weighings,
    )


def _kept(links: Mapping[str, str], registration_id: str) -> str:
    while registration_id in links:
        registration_id = links[registration_id]
    return registration_id


def _said(sights: Sequence[Sight]) -> list[Said]:
    """Return what devices say; a sight of a scale is a weighing at a camera."""
    return [
        (SCALES[code], _weighed(str(number), at, plate))
        if code in SCALES
        else (
            code,
            seen(
                plate,
                country=country,
                vendor_id=str(number),
                device_time=MORNING + timedelta(seconds=at),
                confidence=confidence,
                retransmitted=number % 3 == 0,
                make=None if number % 2 else plate,
                vehicle_type=WORDS[number % len(WORDS)],
            ),
        )
        for number, (at, code, plate, confidence, country) in enumerate(sights)
    ]


def _weighed(vendor_id: str, at: int, plate: str) -> Weighed:
    return Weighed(
        vendor_id=vendor_id,
        device_time=MORNING + timedelta(seconds=at),
        plate=None if plate == "KR9" else plate,
        country=None,
        gross_kg=1.0,
        axles_kg=(),
        axle_distances_m=(),
        limit_kg=None,
        speed_kmh=None,
        length_m=None,
        width_m=None,
        height_m=None,
        direction=None,
        retransmitted=False,
    )


sights = st.lists(
    st.tuples(
        st.sampled_from([*range(40), *range(8), *range(8)]),
        st.sampled_from(["front", "front", "rear", "rear", *CAMERAS, *SCALES]),
        st.sampled_from(["WA123", "WA12", "WA1", "VA123", "WAI23", "KR9", "KR999"]),
        st.sampled_from([0.5, 0.95, 0.9, 0.99]),
        st.sampled_from(["PL", "PL", "UA", None]),
    ),
    min_size=2,
    max_size=9,
    unique=True,
)


def _agrees(open_: Open, seen_: list[Sight], data: st.DataObject) -> None:
    said = _said(seen_)
    repeated = data.draw(st.lists(st.sampled_from(said), max_size=3))
    order = data.draw(st.permutations([*said, *repeated]))
    assert asyncio.run(outcome(open_, order)) == asyncio.run(outcome(memory, said))


@settings(max_examples=25, phases=QUICK)
@given(seen_=sights, data=st.data())
def test_in_memory(seen_: list[Sight], data: st.DataObject) -> None:
    _agrees(memory, seen_, data)


@settings(max_examples=4, phases=QUICK)
@given(seen_=sights, data=st.data())
def test_on_sqlite(seen_: list[Sight], data: st.DataObject) -> None:
    _agrees(sqlite, seen_, data)


@pytest.mark.parametrize("open_", [memory, sqlite])
def test_a_vehicle_that_was_two_of_one_second_until_another_lane_linked_them_draws_its_trailer(open_: Open) -> None:
    sights_ = [
        (3, "front", "VA123", 0.7, "PL"),
        (0, "front", "WA123", 0.7, "PL"),
        (10, "rear-2", "WA12", 0.7, "PL"),
        (8, "rear", "KR999", 0.9, None),
        (3, "front", "WA1", 0.9, "PL"),
    ]
    said: list[Said] = _said(sights_)
    linked_last = asyncio.run(outcome(open_, [said[index] for index in (3, 4, 0, 1, 2)]))
    assert linked_last.pairs == {(frozenset("0124"), frozenset("3"))}
    assert linked_last == asyncio.run(outcome(memory, said))
