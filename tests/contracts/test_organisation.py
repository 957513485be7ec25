"""Devices."""

from dataclasses import replace
from datetime import timedelta

from domain.organisation.events import DeviceAdjusted, DeviceEnrolled
from domain.organisation.model import View
from tests.contracts.backends import Node, Receive
from tests.samples import MORNING, device, device_withdrawn, key_renewed


async def test_a_device_comes_back_as_it_was_enrolled(node: Node) -> None:
    here, elsewhere = device(), device(code="cam-2", site="koroszczyn")
    await node.record(DeviceEnrolled(device=here), DeviceEnrolled(device=elsewhere))

    assert await node.ask(lambda change: change.devices.find("cam-1")) == here
    assert await node.views.device("cam-2") == elsewhere
    assert await node.ask(lambda change: change.devices.find("cam-3")) is None
    assert await node.views.device("cam-3") is None


async def test_a_device_enrolled_at_another_node_stands_here(node: Node, receive: Receive) -> None:
    await receive(DeviceEnrolled(device=device()))

    assert await node.views.device("cam-1") == device()
    assert await node.ask(lambda change: change.lanes.stand_of("cam-1")) is not None


async def test_another_key_takes_the_place_of_the_first(node: Node, receive: Receive) -> None:
    mine, theirs = device(code="cam-2"), device()
    await node.record(DeviceEnrolled(device=mine), key_renewed(mine))
    await receive(DeviceEnrolled(device=theirs), key_renewed(theirs))

    for known in (mine, theirs):
        found = await node.views.device(known.code)
        assert found is not None
        assert (found.accepts("a long random key"), found.accepts("another key")) == (False, True)


async def test_a_withdrawn_device_stays_on_the_books_and_has_no_key(node: Node, receive: Receive) -> None:
    mine, theirs = device(code="cam-2"), device()
    await node.record(DeviceEnrolled(device=mine), device_withdrawn(mine))
    await receive(DeviceEnrolled(device=theirs), device_withdrawn(theirs))

    for known in (mine, theirs):
        assert await node.views.device(known.code) == known.withdrawn(MORNING)
        assert await node.ask(lambda change, code=known.code: change.devices.find(code)) == known.withdrawn(MORNING)
        assert not known.withdrawn(MORNING).accepts("a long random key")


async def test_what_happens_to_one_device_leaves_others_alone(node: Node) -> None:
    first, second = device(), device(code="cam-2")
    await node.record(DeviceEnrolled(device=first), DeviceEnrolled(device=second))
    await node.record(key_renewed(second), device_withdrawn(second))

    assert await node.views.device("cam-1") == first


async def test_a_device_stands_as_it_was_adjusted(node: Node, receive: Receive) -> None:
    mine, theirs = device(code="cam-2"), device()
    adjusted = DeviceAdjusted(
        code="cam-2",
        site=mine.site,
        silent_after=timedelta(minutes=5),
        view=View.SIDE,
        direction_words={"forward": "inbound"},
        adjusted_by="jan",
        adjusted_at=MORNING,
    )
    wider = replace(adjusted, code="cam-1", merge_window=timedelta(seconds=20))
    await node.record(DeviceEnrolled(device=mine), adjusted)
    await receive(DeviceEnrolled(device=theirs), wider, replace(wider, merge_window=None))

    for known, window in ((mine, mine.merge_window), (theirs, timedelta(seconds=20))):
        expected = known.adjusted(timedelta(minutes=5), View.SIDE, {"forward": "inbound"}, window)
        found = await node.views.device(known.code)
        assert found == replace(expected, version=2 if known is mine else 3)
        stand = await node.ask(lambda change, code=known.code: change.lanes.stand_of(code))
        assert stand is None or (stand.directed("forward"), stand.directed("x")) == ("inbound", known.direction)


async def test_whether_a_device_in_service_stands_at_a_place(node: Node) -> None:
    here, gone = device(), device(code="cam-2", lane="lane-2", checkpoint="gate-2")
    await node.record(DeviceEnrolled(device=here), DeviceEnrolled(device=gone), device_withdrawn(gone))

    places: dict[tuple[str, str, str], bool] = {
        (here.site, "", ""): True,
        (here.site, here.lane, ""): True,
        (here.site, "", here.checkpoint): True,
        (here.site, "lane-2", ""): False,
        (here.site, "", "gate-2"): False,
        ("elsewhere", "", ""): False,
    }
    for (site, lane, checkpoint), stands in places.items():
        found = await node.ask(
            lambda change, at=site, in_=lane, point=checkpoint: change.devices.stand_at(at, lane=in_, checkpoint=point)
        )
        assert found == stands, (site, lane, checkpoint)
