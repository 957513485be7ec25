"""From what cameras see in a terminal to visits, their anomalies and alarms."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from domain.alarms.model import Alarm, AlarmSource
from domain.organisation.events import DeviceEnrolled
from domain.registrations.commands import TakeReadings
from domain.registrations.readings import Weighed
from domain.shared.entities import THOSE_MAX
from domain.shared.errors import NotHere
from domain.shared.ports import Change
from domain.visits.commands import AccountForAnomaly, CloseVisit, WatchVisits
from domain.visits.errors import AnomalyUnknown, VisitOverAlready, VisitUnknown
from domain.visits.events import VisitOpened
from domain.visits.model import Point, Visit, VisitState
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory, carry, open_node
from tests.samples import device, new_id, seen
from tests.terminals import CODES

PLATE = "WGM1A23"


async def pass_by(
    node: NodeInMemory, checkpoint: str, minutes_ago: float, read: str = PLATE, way: str = "outbound"
) -> Any:
    """Have the camera at a checkpoint see a vehicle."""
    at = node.clock.now() - timedelta(minutes=minutes_ago)
    one = seen(read, device_time=at)
    return await node.do(TakeReadings(device=f"{checkpoint}-{way}", received_at=node.clock.now(), seen=(one,)), CAMERA)


async def pass_with(node: NodeInMemory, checkpoint: str, minutes_ago: float, trailer: str, read: str = PLATE) -> None:
    """Have the cameras at a checkpoint see a tractor and, three seconds later, its trailer."""
    await pass_by(node, checkpoint, minutes_ago, read)
    await pass_by(node, checkpoint, minutes_ago - 0.05, trailer, "outbound-rear")


async def weigh(node: NodeInMemory, checkpoint: str, minutes_ago: float, kg: float) -> None:
    """Have the scale at a checkpoint weigh the vehicle."""
    at = node.clock.now() - timedelta(minutes=minutes_ago)
    weighed = Weighed(
        vendor_id=new_id(),
        device_time=at,
        plate=PLATE,
        country="PL",
        gross_kg=kg,
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
    device = f"{checkpoint}-outbound"
    await node.do(TakeReadings(device=device, received_at=node.clock.now(), weighed=(weighed,)), CAMERA)


async def visits(node: NodeInMemory) -> list[Visit]:
    page = await node.views.entities(Visit, ALL)
    return [visit for visit in page.items if visit.state is not VisitState.JOINED]


async def only(node: NodeInMemory) -> Visit:
    (visit,) = await visits(node)
    return visit


async def alarms(node: NodeInMemory) -> list[Alarm]:
    page = await node.views.alarms(ALL)
    return [alarm for alarm in page.items if alarm.source is AlarmSource.ANOMALY]


async def test_a_vehicle_that_follows_its_way_makes_one_visit(terminal: NodeInMemory) -> None:
    for place, code in enumerate(CODES):
        await pass_by(terminal, code, 100 - 10 * place, PLATE if place else "WGM1A28")

    visit = await only(terminal)
    assert [point.checkpoint for point in visit.points] == list(CODES)
    assert (visit.state, visit.closed_at, visit.anomalies) == (VisitState.LEFT, visit.points[-1].at, ())
    assert await alarms(terminal) == []


async def test_a_site_without_legs_has_no_visits() -> None:
    post = open_node("dorohusk")
    await post.changes.run(
        OFFICER, lambda change: change.record(DeviceEnrolled(device=device(code="gate-outbound", site="dorohusk")))
    )
    await pass_by(post, "gate", 0)

    assert (await post.views.registrations(ALL)).items
    assert await visits(post) == []


async def test_what_was_skipped_raises_one_alarm_which_a_late_reading_ends(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "pre-gate", 60)
    await pass_by(terminal, "gate", 50)
    await pass_by(terminal, "desk", 30)
    await pass_by(terminal, "desk", 29)

    (alarm,) = await alarms(terminal)
    assert (alarm.label, alarm.text, alarm.ended_at, alarm.late) == (PLATE, "Visit: skipped at scale", None, True)

    terminal.clock.step()
    await pass_by(terminal, "scale", 40)
    (alarm,) = await alarms(terminal)
    assert alarm.ended_at == terminal.clock.now()
    (anomaly,) = (await only(terminal)).anomalies
    assert anomaly.explained_at == terminal.clock.now()
    assert [event.key for event in terminal.happened("VisitAnomalyExplained")] == ["skipped:scale"]


async def test_who_is_overdue_is_found_by_the_watch(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "pre-gate", 35)
    await pass_by(terminal, "pre-gate", 0, "PO9K881")
    await terminal.do(WatchVisits())
    overdue = [visit for visit in await visits(terminal) if visit.standing]

    assert [(visit.label, [one.key for one in visit.standing]) for visit in overdue] == [(PLATE, ["too_slow:pre-gate"])]
    await pass_by(terminal, "gate", 20)
    assert all(not visit.standing for visit in await visits(terminal))


async def test_while_devices_tell_of_earlier_nobody_is_overdue_by_our_clock(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "pre-gate", 170)
    await terminal.do(WatchVisits())
    assert (await only(terminal)).standing == ()

    terminal.clock.step(timedelta(minutes=3))
    await terminal.do(WatchVisits())
    assert [one.key for one in (await only(terminal)).standing] == ["too_slow:pre-gate"]


async def test_what_is_not_seen_for_a_day_is_over(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "pre-gate", 0)
    terminal.clock.step(timedelta(days=1, minutes=1))
    await terminal.do(WatchVisits())

    visit = await only(terminal)
    assert (visit.state, [one.key for one in visit.standing]) == (VisitState.UNSEEN, ["too_slow:pre-gate"])


async def test_however_many_are_open_the_oldest_end_too(terminal: NodeInMemory) -> None:
    at = terminal.clock.now() - timedelta(days=2)
    open_for_long = [visit_of(f"XA{number:05}", at) for number in range(THOSE_MAX + 1)]

    async def begin(change: Change) -> None:
        for visit in open_for_long:
            await change.record(VisitOpened(visit=visit))

    await terminal.changes.run(OFFICER, begin)
    await terminal.do(WatchVisits())
    assert (await terminal.views.entities(Visit, ALL, state=VisitState.OPEN)).items == []


def visit_of(plate: str, at: datetime) -> Visit:
    point = Point(id=new_id(), checkpoint="pre-gate", at=at, direction="outbound", plate=plate, folded=plate)
    return Visit(
        id=new_id(),
        node="koroszczyn",
        direction="outbound",
        tractor=plate,
        checkpoint="pre-gate",
        opened_at=at,
        last_at=at,
        heard_at=at,
        points=(point,),
    )


async def test_who_comes_back_is_on_another_visit(terminal: NodeInMemory) -> None:
    for place, code in enumerate(CODES):
        await pass_by(terminal, code, 150 - 10 * place)
    for place, code in enumerate(reversed(CODES)):
        await pass_by(terminal, code, 60 - 10 * place, way="inbound")

    assert sorted(visit.direction for visit in await visits(terminal)) == ["inbound", "outbound"]
    assert await alarms(terminal) == []


async def test_plates_that_are_near_are_of_two_vehicles_where_both_were_read(terminal: NodeInMemory) -> None:
    for place, code in enumerate(CODES):
        await pass_by(terminal, code, 150 - 10 * place, "WGM1A23")
        await pass_by(terminal, code, 142 - 10 * place, "WGM1A24")

    assert sorted(visit.label for visit in await visits(terminal)) == ["WGM1A23", "WGM1A24"]
    assert await alarms(terminal) == []


async def test_an_officer_closes_a_visit_once(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "pre-gate", 10)
    visit = await only(terminal)
    closed = await terminal.do(CloseVisit(visit_id=visit.id, reason="odjechał bramą techniczną"))

    assert (closed.state, closed.closed_by, closed.reason) == (VisitState.CLOSED, "anna", "odjechał bramą techniczną")
    with pytest.raises(VisitOverAlready):
        await terminal.do(CloseVisit(visit_id=visit.id, reason="raz jeszcze"))
    with pytest.raises(VisitUnknown):
        await terminal.do(CloseVisit(visit_id=new_id(), reason="x"))


async def test_an_officer_accounts_for_an_anomaly(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "gate", 10)
    visit = await only(terminal)
    told = await terminal.do(AccountForAnomaly(visit_id=visit.id, key="skipped:pre-gate", reason="konwój"))

    (anomaly,) = told.anomalies
    assert (anomaly.accounted_by, anomaly.reason, anomaly.stands) == ("anna", "konwój", True)
    with pytest.raises(AnomalyUnknown):
        await terminal.do(AccountForAnomaly(visit_id=visit.id, key="skipped:desk", reason="konwój"))


async def test_another_node_holds_the_visit_and_may_not_change_it(terminal: NodeInMemory, centre: NodeInMemory) -> None:
    await pass_by(terminal, "gate", 10)
    visit = await only(terminal)
    await carry(terminal, centre)

    assert await centre.views.entity(Visit, visit.id) == visit
    with pytest.raises(NotHere):
        await centre.do(CloseVisit(visit_id=visit.id, reason="x"))


@pytest.mark.parametrize("seed", range(6))
async def test_the_order_in_which_readings_come_changes_nothing(terminal: NodeInMemory, seed: int) -> None:
    odd = [code for code in CODES if code != "road"]
    said = [(code, 150 - 10 * place, PLATE) for place, code in enumerate(odd)]
    said += [(code, 145 - 10 * place, "PO9K881") for place, code in enumerate(CODES)]
    said += [("scale", 129.95, "WGM1A28"), ("scale", 130, PLATE)]
    Random(seed).shuffle(said)  # noqa: S311 - not for secrets
    for one in said:
        await pass_by(terminal, *one)

    found = sorted((visit.label, [one.key for one in visit.standing]) for visit in await visits(terminal))
    assert [keys for _, keys in found] == [[], ["skipped:road"]]
    assert [alarm.text for alarm in await alarms(terminal) if alarm.ended_at is None] == ["Visit: skipped at road"]


async def test_a_trailer_is_on_the_visit_of_its_tractor(terminal: NodeInMemory) -> None:
    for place, code in enumerate(CODES):
        await pass_with(terminal, code, 100 - 10 * place, "LU5533P")

    visit = await only(terminal)
    assert (visit.label, len(visit.points), len(visit.pairs)) == (PLATE, 12, 6)
    assert await alarms(terminal) == []


async def test_another_trailer_behind_the_tractor_raises_an_alarm(terminal: NodeInMemory) -> None:
    for place, code in enumerate(CODES):
        await pass_with(terminal, code, 100 - 10 * place, "LU5533P" if place < 4 else "PZ81KK")

    assert [one.key for one in (await only(terminal)).standing] == ["trailer_changed:road"]


async def test_another_tractor_before_the_trailer_raises_an_alarm(terminal: NodeInMemory) -> None:
    for place, code in enumerate(CODES):
        await pass_with(terminal, code, 100 - 10 * place, "LU5533P", PLATE if place < 5 else "PO9K881")

    assert [one.key for one in (await only(terminal)).standing] == ["tractor_changed:border"]
    assert [alarm.text for alarm in await alarms(terminal) if alarm.ended_at is None] == [
        "Visit: tractor_changed at border WGM1A23 > PO9K881"
    ]


@pytest.mark.parametrize("first", [True, False])
async def test_another_weight_raises_an_alarm(terminal: NodeInMemory, *, first: bool) -> None:
    weights = {"scale": 38_000, "road": 31_000}
    for place, code in enumerate(CODES):
        if first and code in weights:
            await weigh(terminal, code, 100 - 10 * place, weights[code])
        await pass_with(terminal, code, 100 - 10 * place, "LU5533P")
        if not first and code in weights:
            await weigh(terminal, code, 100 - 10 * place, weights[code])

    assert [one.key for one in (await only(terminal)).standing] == ["weight_changed:road"]


async def test_where_only_the_rear_plate_was_read_the_vehicle_was_there(terminal: NodeInMemory) -> None:
    for place, code in enumerate(CODES):
        minutes_ago = 100 - 10 * place
        if code == "desk":
            await pass_by(terminal, code, minutes_ago, "LU5533P", "outbound-rear")
        else:
            await pass_with(terminal, code, minutes_ago, "LU5533P")

    visit = await only(terminal)
    assert (visit.standing, visit.label, len(visit.points), len(visit.pairs)) == ((), PLATE, 11, 5)


async def test_a_rear_plate_alone_is_on_the_visit_of_its_tractor_as_soon_as_that_is_read(
    terminal: NodeInMemory,
) -> None:
    for place, code in enumerate(CODES[:2]):
        await pass_with(terminal, code, 100 - 10 * place, "LU5533P")
        await pass_by(terminal, code, 95 - 10 * place, "PO9K881")
    await pass_by(terminal, "scale", 70, "LU5533P", "outbound-rear")
    assert ["scale" in seen_at(visit) for visit in await by_label(terminal)] == [False, True]

    await pass_by(terminal, "scale", 70.05, "PO9K881")
    assert ["scale" in seen_at(visit) for visit in await by_label(terminal)] == [True, False]


@pytest.mark.parametrize("seed", range(4))
async def test_where_only_the_rear_plate_was_read_the_vehicle_was_there_in_whatever_order_it_is_told(
    terminal: NodeInMemory, seed: int
) -> None:
    told = [(code, 100 - 10 * place, way) for place, code in enumerate(CODES) for way in ("outbound", "outbound-rear")]
    told = [each for each in told if (each[0], each[2]) != ("scale", "outbound")]
    Random(seed).shuffle(told)  # noqa: S311 - a repeatable order, not a secret
    await weigh(terminal, "scale", 80, 20_000)
    for code, minutes_ago, way in told:
        is_front = way == "outbound"
        await pass_by(
            terminal, code, minutes_ago if is_front else minutes_ago - 0.05, PLATE if is_front else "LU5533P", way
        )

    visit = await only(terminal)
    assert (visit.standing, visit.label, len(visit.points), len(visit.pairs)) == ((), PLATE, 11, 5)
    assert [each.gross_kg for each in visit.weights] == [20_000]


async def test_what_a_rear_camera_read_of_one_without_a_trailer_is_on_its_visit_as_soon_as_there_is_one(
    terminal: NodeInMemory,
) -> None:
    await pass_by(terminal, "gate", 90, way="outbound-rear")
    assert await visits(terminal) == []

    await pass_by(terminal, "scale", 80)
    await pass_by(terminal, "pre-gate", 100)
    visit = await only(terminal)
    assert (seen_at(visit), visit.standing) == (list(CODES[:3]), ())


async def test_a_weighing_that_proves_to_be_anothers_leaves_the_first_visit(terminal: NodeInMemory) -> None:
    await pass_by(terminal, "scale", 40, "PO9K881")
    await weigh(terminal, "scale", 39.95, 9_000)
    assert [[each.gross_kg for each in visit.weights] for visit in await by_label(terminal)] == [[9_000]]

    await pass_by(terminal, "scale", 39.9)
    assert [[each.gross_kg for each in visit.weights] for visit in await by_label(terminal)] == [[], [9_000]]


async def by_label(node: NodeInMemory) -> list[Visit]:
    return sorted(await visits(node), key=lambda visit: visit.label)


def seen_at(visit: Visit) -> list[str]:
    return [point.checkpoint for point in visit.points]
