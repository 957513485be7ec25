"""The state of devices: when they were heard is kept, and what others should know is on record."""

from dataclasses import replace
from datetime import timedelta

from domain.devices.commands import ReportDevices
from domain.devices.events import DeviceStateChanged
from domain.devices.handlers import report_devices
from domain.devices.model import Contact, DeviceState
from tests.contracts.backends import Node, Receive
from tests.samples import MORNING, NODE, device_state


async def test_contacts_are_kept_and_overwritten(node: Node) -> None:
    first = Contact(device="cam-2", heard_at=MORNING, pushes=1)
    other = Contact(device="cam-1", heard_at=MORNING, pushes=7_000_000_000)
    later = replace(first, heard_at=MORNING + timedelta(seconds=5), pushes=3)
    assert await node.views.contacts() == []
    for contact in (first, other, later):
        await node.ask(lambda change, kept=contact: change.contacts.keep(kept))
    assert sorted(await node.views.contacts(), key=lambda one: one.device) == [other, later]


async def test_only_what_others_should_know_is_put_on_record(node: Node) -> None:
    first = device_state(node=NODE, silent=False, clock_offset_seconds=0.5)
    later = replace(first, last_heard_at=MORNING + timedelta(hours=1), pushes=9)
    silent = replace(later, silent=True)
    for known, stands in ((first, first), (later, first), (silent, silent)):
        await node.ask(lambda change, told=known: report_devices(ReportDevices(states=(told,)), change))
        assert await node.views.entity(DeviceState, first.code) == stands
    assert (await node.views.contacts())[0].pushes == 9


async def test_one_that_was_never_heard_is_on_record_without_a_contact(node: Node) -> None:
    never = device_state(node=NODE, last_heard_at=None, clock_offset_seconds=None, pushes=0)
    await node.ask(lambda change: report_devices(ReportDevices(states=(never,)), change))
    assert await node.views.entity(DeviceState, never.code) == never
    assert await node.views.contacts() == []


async def test_others_know_how_a_device_was_when_that_changed_last(node: Node, receive: Receive) -> None:
    theirs = device_state(node="koroszczyn")
    again = replace(theirs, silent=not theirs.silent)
    await receive(DeviceStateChanged(state=theirs), DeviceStateChanged(state=again))
    assert await node.views.entity(DeviceState, theirs.code) == again
    assert await node.views.contacts() == []
