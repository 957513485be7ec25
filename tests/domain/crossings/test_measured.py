"""What scales and radiation portals measured of a crossing: taken by itself, beside what officers type."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alarms.commands import AcknowledgeAlarm
from domain.alarms.handlers import raise_for_radiation
from domain.crossings.commands import CompleteCrossing, ReleaseCrossing
from domain.crossings.errors import CrossingIncomplete, MemberAlarmed
from domain.crossings.measured import (
    MEASURED_MAX,
    Measured,
    Weighing,
    WeightSource,
    measurable,
    measured,
    measured_by_now,
    weighings,
)
from domain.crossings.model import Crossing, CrossingState
from domain.crossings.notices import Notice, notices
from domain.crossings.parts import GoodsLine, Parts, Weight
from domain.crossings.profiles import missing, next_step
from domain.registrations.events import MeasurementPlaced, RadiationTaken, WeighingTaken
from domain.registrations.measurements import Measurement, Radiation
from domain.registrations.measurements import Weight as ScaleWeight
from domain.registrations.readings import RadiationAlarm
from domain.shared.messages import Event
from tests.domain.crossings.lorry import open_lorry
from tests.nodes import ALL, OFFICER, NodeInMemory
from tests.portals import measurement
from tests.samples import MORNING, NODE, new_id

SOUNDED = Radiation(seconds=4.0, occupied=True, alarms=(RadiationAlarm(category="gamma", description="7 sigma"),))


async def recorded(site: NodeInMemory, *events: Event) -> None:
    async def record(change: Any) -> None:
        for event in events:
            await change.record(event)

    await site.changes.run(OFFICER, record)


def weighed(crossing: Crossing, kilograms: float, member: int = 0, **fields: Any) -> Measurement:
    weight = ScaleWeight(gross_kg=kilograms, axles_kg=fields.pop("axles_kg", ()))
    told = {"registration_id": crossing.parts.members[member].registration_id, "vendor_id": new_id(), **fields}
    return measurement(weight=weight, **told)


async def by_now(site: NodeInMemory, crossing: Crossing) -> Measured:
    found: Measured = await site.changes.run(OFFICER, lambda change: measured_by_now(crossing, change))
    return found


async def completed(site: NodeInMemory, crossing: Crossing, **put: Any) -> Crossing:
    told: Crossing = await site.do(CompleteCrossing(crossing_id=crossing.id, seen=crossing.version, put=Parts(**put)))
    return told


async def test_what_the_scale_said_is_the_weight_that_is_needed(site: NodeInMemory) -> None:
    crossing = await completed(site, await open_lorry(site), empty=True)
    assert missing(crossing, await by_now(site, crossing)) == ("weight",)
    with pytest.raises(CrossingIncomplete):
        await site.do(ReleaseCrossing(crossing_id=crossing.id, seen=2))

    taken = weighed(crossing, 15_000.0, axles_kg=(7_000.0, 8_000.0))
    await recorded(site, WeighingTaken(measurement=taken))
    told = await by_now(site, crossing)
    assert (missing(crossing, told), next_step(crossing, told), notices(crossing, told)) == ((), "release", ())
    assert weighings(crossing, told) == (
        Weighing(
            source=WeightSource.SCALE,
            total_kg=15_000.0,
            axles_kg=(7_000.0, 8_000.0),
            by="scale-1",
            at=MORNING,
            measurement_id=taken.id,
            registration_id=taken.registration_id,
        ),
    )
    released = await site.do(ReleaseCrossing(crossing_id=crossing.id, seen=2))
    assert (released.state, released.parts.weights) == (CrossingState.RELEASED, ())


async def test_a_weighing_that_turns_out_to_be_of_another_vehicle_counts_no_more(site: NodeInMemory) -> None:
    crossing = await completed(site, await open_lorry(site), empty=True)
    taken = weighed(crossing, 15_000.0)
    placed = MeasurementPlaced(
        measurement_id=taken.id,
        passage_id=new_id(),
        registration_id=new_id(),
        device=taken.device,
        lane=taken.lane,
        label="KR1",
        late=False,
        radiation=None,
        was_registration_id=taken.registration_id,
    )
    await recorded(site, WeighingTaken(measurement=taken), placed)
    assert missing(crossing, await by_now(site, crossing)) == ("weight",)


async def test_the_newest_weighing_of_any_member_counts(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    later = MORNING + timedelta(minutes=1)
    taken = [
        weighed(crossing, 16_000.0, at=later, member=1),
        weighed(crossing, 15_000.0),
        weighed(crossing, 0.0, at=later + timedelta(minutes=1)),
        weighed(crossing, 9_000.0, at=later + timedelta(minutes=2), registration_id=new_id()),
    ]
    await recorded(site, *(WeighingTaken(measurement=each) for each in taken))
    told = (await by_now(site, crossing)).weighing
    assert told is not None
    assert (told.total_kg, told.measurement_id) == (16_000.0, taken[0].id)


async def test_persons_are_not_measured(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    vehicles = [each.registration_id for each in crossing.vehicles]
    assert (len(crossing.parts.members), list(measurable(crossing))) == (3, vehicles)
    assert measured(crossing, []) == Measured()


async def test_what_an_officer_typed_stands_beside_it_and_never_in_its_place(site: NodeInMemory) -> None:
    goods = GoodsLine(code="7208 51", description="Blacha", gross_kg=30_000)
    typed = (Weight(total_kg=36_000), Weight(total_kg=1_000, measured=False))
    crossing = await completed(site, await open_lorry(site), goods=(goods,), weights=typed)
    by_hand = Weighing(
        source=WeightSource.TYPED, total_kg=36_000, axles_kg=(), by="anna", at=site.clock.now(), number=2
    )
    told = await by_now(site, crossing)
    assert (weighings(crossing, told), notices(crossing, told)) == ((by_hand,), ())

    taken = weighed(crossing, 20_000.0, axles_kg=(7_000.0, 8_000.0))
    await recorded(site, WeighingTaken(measurement=taken))
    told = await by_now(site, crossing)
    assert [each.source for each in weighings(crossing, told)] == [WeightSource.SCALE, WeightSource.TYPED]
    assert notices(crossing, told) == (
        Notice(code="scale_axles_differ", about=taken.id),
        Notice(code="typed_weight_differs", about="2"),
        Notice(code="goods_heavier_than_weighed"),
    )
    again = replace(weighed(crossing, 36_500.0), at=MORNING + timedelta(minutes=1))
    await recorded(site, WeighingTaken(measurement=again))
    assert notices(crossing, await by_now(site, crossing)) == ()


async def test_a_radiation_alarm_is_noticed_and_stands_against_the_release_until_it_is_taken(
    site: NodeInMemory,
) -> None:
    crossing = await completed(site, await open_lorry(site), empty=True)
    trailer = crossing.parts.members[1].registration_id
    passed = measurement(weight=None, radiation=SOUNDED, registration_id=trailer, vendor_id="r")
    calm = replace(passed, id=new_id(), radiation=replace(SOUNDED, alarms=()), vendor_id="c")
    calm = replace(calm, registration_id=crossing.parts.members[0].registration_id)
    sounded = RadiationTaken(measurement=passed, label="WZ9876X")
    await recorded(
        site,
        WeighingTaken(measurement=weighed(crossing, 15_000.0)),
        sounded,
        RadiationTaken(measurement=calm, label="WA12345"),
    )
    odd = (Notice(code="radiation_alarm", about=trailer),)
    assert notices(crossing, await by_now(site, crossing)) == odd
    release = ReleaseCrossing(crossing_id=crossing.id, seen=2)
    with pytest.raises(MemberAlarmed):
        await site.do(release)
    await site.changes.run(OFFICER, lambda change: raise_for_radiation(sounded, change))
    with pytest.raises(MemberAlarmed) as refused:
        await site.do(release)
    assert refused.value.facts == {"registrations": (trailer,)}

    (alarm,) = (await site.views.alarms(ALL)).items
    await site.do(AcknowledgeAlarm(alarm_id=alarm.id))
    released = await site.do(release)
    assert (released.state, notices(released, await by_now(site, crossing))) == (CrossingState.RELEASED, odd)


async def test_of_many_measurements_the_newest_on_record_count(site: NodeInMemory) -> None:
    crossing = await open_lorry(site)
    first = weighed(crossing, 40_000.0, at=MORNING + timedelta(days=1), node=NODE)
    rest = [weighed(crossing, 20_000.0) for _ in range(MEASURED_MAX)]
    await recorded(site, *(WeighingTaken(measurement=each) for each in (first, *rest)))
    told = (await by_now(site, crossing)).weighing
    assert told is not None
    assert told.total_kg == 20_000.0
