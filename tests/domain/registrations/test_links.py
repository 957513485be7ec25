"""A late reading proves that two passages are of one vehicle."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alarms.model import AlarmSource
from domain.organisation.commands import EnrolDevice
from domain.registrations.commands import TakeReadings
from tests.domain.registrations.sights import Look
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory, open_node
from tests.samples import MORNING, seen

Sight = tuple[int, str]


async def test_both_registrations_stay_and_are_linked(post: NodeInMemory, look: Look) -> None:
    first, second = await look("WA 12345", at=0), await look("WA 12345", at=16)
    between = await look("WA 12345", at=8, told=30, device="cam-2")

    assert second.passage_id != first.passage_id
    assert (between.status, between.passage_id) == ("merged", first.passage_id)
    (event,) = post.happened("PassagesLinked")
    assert (event.passage_id, event.linked_passage_id) == (first.passage_id, second.passage_id)
    assert (event.registration_id, event.linked_registration_id) == (first.registration_id, second.registration_id)
    assert (event.lane, event.label) == ("lane-1", "WA12345")
    assert len((await post.views.registrations(ALL)).items) == 2


async def test_the_kept_registration_is_screened_again(post: NodeInMemory, look: Look) -> None:
    first, _ = await look("WA 12345", at=0), await look("WA 12345", at=16)
    await look("WA 12345", at=8, told=30)

    (event,) = post.happened("Rescreened")
    assert event.registration_id == first.registration_id
    kept = await post.views.registration(first.registration_id)
    assert kept is not None
    assert [one.canonical for one in kept.identifiers] == ["WA12345"]


async def test_one_vehicle_on_record_twice_raises_an_anomaly_once(post: NodeInMemory, look: Look) -> None:
    first, second = await look("WA 12345", at=0), await look("WA 12345", at=16)
    await look("WA 12345", at=8, told=30)
    await look("WA 12345", at=9, told=31)

    (alarm,) = (await post.views.alarms(ALL)).items
    assert (alarm.source, alarm.label, alarm.priority) == (AlarmSource.ANOMALY, "WA12345", 3)
    assert alarm.registration_id == first.registration_id
    assert alarm.cause == f"passages_linked:{second.registration_id}"
    assert alarm.repeats == 0


async def test_what_comes_after_the_link_joins_the_passage_that_was_kept(look: Look) -> None:
    first, second = await look("WA 12345", at=0), await look("WA 12345", at=16)
    await look("WA 12345", at=8, told=30)
    after = await look("WA 12345", at=25)

    assert second.passage_id != first.passage_id
    assert (after.status, after.passage_id) == ("merged", first.passage_id)


async def test_a_reading_may_link_several_passages_at_once(post: NodeInMemory, look: Look) -> None:
    passages = [
        (await look(plate, at=at, told=40 + at)).passage_id for at, plate in enumerate(["WA12", "WA1234", "VA123"])
    ]
    await look("WA123", at=3, told=50)

    assert len(set(passages)) == 3
    links = post.happened("PassagesLinked")
    assert [(one.passage_id, one.linked_passage_id) for one in links] == [
        (passages[0], passages[1]),
        (passages[0], passages[2]),
    ]


def _vehicles(node: NodeInMemory, sights: Sequence[Sight]) -> set[frozenset[Sight]]:
    """Return the sights by vehicle: those of one passage or of passages linked with each other."""
    kept = {event.linked_passage_id: event.passage_id for event in node.happened("PassagesLinked")}
    vehicles: dict[str, set[Sight]] = {}
    for event in node.happened("ReadingTaken"):
        passage = event.passage_id
        while passage in kept:
            passage = kept[passage]
        vehicles.setdefault(passage, set()).add(sights[int(event.vendor_id)])
    return {frozenset(vehicle) for vehicle in vehicles.values()}


async def _take(sights: Sequence[Sight], order: Sequence[int]) -> set[frozenset[Sight]]:
    node = open_node()
    enrolment = EnrolDevice(
        code="cam-1",
        site=node.name,
        lane="lane-1",
        checkpoint="gate-1",
        direction="outbound",
        format="hikvision_isapi",
        key_digest="00" * 32,
    )
    await node.do(enrolment, OFFICER)
    received = MORNING + timedelta(hours=1)
    for index in order:
        at, plate = sights[index]
        sight = seen(plate, vendor_id=str(index), device_time=MORNING + timedelta(seconds=at))
        await node.do(TakeReadings(device="cam-1", seen=(sight,), received_at=received), CAMERA)
    return _vehicles(node, sights)


_sights = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["WA123", "WA12", "WA1", "VA123", "KR9"])),
    min_size=2,
    max_size=9,
    unique=True,
)


@settings(max_examples=60)
@given(sights=_sights, data=st.data())
def test_which_readings_are_one_vehicle_does_not_depend_on_the_order_in_which_they_come(
    sights: list[Sight], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(sights))))

    assert asyncio.run(_take(sights, range(len(sights)))) == asyncio.run(_take(sights, order))
