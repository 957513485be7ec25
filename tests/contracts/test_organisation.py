"""Devices."""

from domain.organisation.events import DeviceEnrolled
from tests.contracts.backends import Node, Receive
from tests.samples import device


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
