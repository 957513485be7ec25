"""Freight that is too heavy for its post unless it is empty: the officer has to see."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.crossings.measured import Measured, Weighing, WeightSource
from domain.crossings.model import Crossing
from domain.crossings.notices import Notice, asks_what_is_permitted, of_mass
from domain.crossings.parts import Member, MemberRole, Parts
from domain.organisation.events import PermittedTraffic, Subsystem, TrafficKind, VehicleClass
from tests.samples import MORNING, new_id

HEAVY = Notice(code="heavier_only_empty", about="do 7,5 t, puste cięższe")


def decision(**fields: Any) -> PermittedTraffic:
    made = PermittedTraffic(
        id=new_id(), post="budomierz", max_kg=7_500, heavier_empty=True, valid_from=MORNING, decree=HEAVY.about
    )
    return replace(made, **fields)


def weighing(total_kg: float) -> Measured:
    scale = Weighing(source=WeightSource.SCALE, total_kg=total_kg, axles_kg=(), by="scale-1", at=MORNING)
    return Measured(weighing=scale)


def crossing(subsystem: Subsystem = Subsystem.SOC_T, **put: Any) -> Crossing:
    parts = Parts(**{"lane": "lane-1", "direction": "inbound", "at": MORNING, **put})
    return Crossing(id=new_id(), node="budomierz", subsystem=subsystem, opened_by="jan", opened_at=MORNING, parts=parts)


@pytest.mark.parametrize(
    ("decided", "total_kg", "notices"),
    [
        (decision(), 7_501.0, (HEAVY,)),
        (decision(), 7_500.0, ()),
        (decision(max_kg=0), 6_000.0, (HEAVY,)),
        (decision(heavier_empty=False), 12_000.0, ()),
        (decision(kinds=(TrafficKind.ROAD_PASSENGER,)), 12_000.0, ()),
        (decision(directions=("outbound",)), 12_000.0, ()),
        (decision(valid_from=MORNING + timedelta(days=1)), 12_000.0, ()),
        (decision(closed=True), 12_000.0, ()),
    ],
)
def test_what_is_heavier_than_permitted_has_to_be_empty(
    decided: PermittedTraffic, total_kg: float, notices: tuple[Notice, ...]
) -> None:
    assert of_mass(crossing(), weighing(total_kg), (decided,)) == notices


@pytest.mark.parametrize("role", [MemberRole.TRUCK, MemberRole.TRACTOR])
def test_a_limit_for_trucks_alone_is_one_for_what_hauls_freight(role: MemberRole) -> None:
    hauling = crossing(members=(Member(registration_id=new_id(), role=role),))
    anything = decision(max_kg=None, heavier_empty=False, valid_from=MORNING - timedelta(days=1))
    decided = (anything, decision(classes=(VehicleClass.TRUCK,)))
    assert of_mass(hauling, weighing(12_000.0), decided) == (HEAVY,)


@pytest.mark.parametrize(
    ("about", "by_devices", "asks"),
    [
        (crossing(), weighing(12_000.0), True),
        (crossing(empty=False), weighing(12_000.0), True),
        (crossing(empty=True), weighing(12_000.0), False),
        (crossing(), Measured(), False),
        (crossing(lane=None), weighing(12_000.0), False),
        (crossing(Subsystem.SOC_O), weighing(12_000.0), False),
    ],
)
def test_what_is_permitted_is_asked_of_freight_that_was_weighed(
    about: Crossing, by_devices: Measured, *, asks: bool
) -> None:
    assert asks_what_is_permitted(about, by_devices) is asks
