"""What goes on audit: everything a person does, sees or is refused, and nothing of machines."""

import uuid

import pytest

from bus.replication.chain import GENESIS, chain
from bus.replication.record import Record
from domain.access.commands import RecordAccess
from domain.access.model import AuditRecord
from domain.alarms.commands import AcknowledgeAlarm, RaiseAlarm
from domain.alarms.errors import AlarmUnknown
from domain.identifiers.plates import PlateUnreadable
from domain.registrations.commands import RegisterPerson, RegisterVehicle, TakeReadings
from domain.registrations.errors import CheckDigitsFailed, DeviceUnknownHere
from domain.shared.actors import Actor, Role, system
from tests.nodes import ALL, CAMERA, OFFICER, NodeInMemory, carry
from tests.samples import new_id, seen

VEHICLE = RegisterVehicle(lane="lane-1", direction="inbound", plate="WA 12345")


async def trail(node: NodeInMemory) -> list[AuditRecord]:
    """Return all audit records, oldest first."""
    return list((await node.views.audit_records(ALL)).items)[::-1]


async def test_what_a_person_does_is_on_record_with_who_when_what_and_why(site: NodeInMemory) -> None:
    chief = Actor(name="celina", roles=frozenset({Role.OFFICER, Role.ADMINISTRATOR}), purpose="patrol 3")
    registration = await site.do(VEHICLE, chief)

    (record,) = await trail(site)
    assert (record.who, record.roles, record.purpose) == ("celina", ("administrator", "officer"), "patrol 3")
    assert (record.action, record.target, record.outcome) == ("RegisterVehicle", registration.id, "done")
    assert (record.node, record.at) == ("dorohusk", site.clock.now())


async def test_it_stands_in_the_same_change(site: NodeInMemory) -> None:
    told: list[list[str]] = []
    site.changes.listeners.append(lambda recorded: told.append([one.kind for one in recorded]))
    await site.do(VEHICLE)

    assert told == [["Registered", "Audited"]]


async def test_what_a_person_is_refused_is_on_record_with_the_code(site: NodeInMemory) -> None:
    alarm_id = new_id()
    with pytest.raises(AlarmUnknown):
        await site.do(AcknowledgeAlarm(alarm_id=alarm_id))
    with pytest.raises(PlateUnreadable):
        await site.do(RegisterVehicle(lane="lane-1", direction="inbound", plate="-" * 90))

    assert [(one.action, one.target, one.outcome) for one in await trail(site)] == [
        ("AcknowledgeAlarm", alarm_id, "refused:ALARM_UNKNOWN"),
        ("RegisterVehicle", "-" * 40, "refused:PLATE_UNREADABLE"),
    ]


async def test_a_refused_document_does_not_show_on_the_trail(site: NodeInMemory) -> None:
    mrz = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C86UTO7408122F1204159ZE184226B<<<<<10")
    with pytest.raises(CheckDigitsFailed):
        await site.do(RegisterPerson(lane="lane-1", direction="inbound", mrz=mrz))

    (record,) = await trail(site)
    assert (record.target, record.outcome) == ("person", "refused:CHECK_DIGITS_FAILED")
    assert b"L898902C8" not in site.heard[0].body


async def test_of_machines_nothing_is_on_record(site: NodeInMemory) -> None:
    with pytest.raises(DeviceUnknownHere):
        await site.do(TakeReadings(device="cam-1", seen=(seen(),), received_at=site.clock.now()), CAMERA)
    await site.do(RaiseAlarm(lane="lane-1", label="x", priority=1, text="x"), system("dorohusk"))

    assert await trail(site) == []


async def test_a_consultation_is_on_record_once(site: NodeInMemory) -> None:
    await site.do(RecordAccess(action="registrations", target="WA12345", outcome="consulted"))

    (record,) = await trail(site)
    assert (record.who, record.action, record.target, record.outcome) == (
        OFFICER.name,
        "registrations",
        "WA12345",
        "consulted",
    )


async def test_the_trail_is_a_chain_that_nobody_can_alter_unseen(site: NodeInMemory) -> None:
    for _ in range(3):
        await site.do(VEHICLE)
    log = next(one.log for one in site.heard if one.kind == "Audited")
    _, records = await site.logs.read(log, 1, 10)
    hashes = [one.hash for one in await trail(site)]

    assert [one.seq for one in await trail(site)] == [1, 2, 3]
    assert [one.hex() for one in chain(GENESIS, records)] == hashes
    altered = Record(records[0].id, records[0].hlc, records[0].salt, (records[0].body or b"").replace(b"anna", b"ewa_"))
    assert [one.hex() for one in chain(GENESIS, [altered, *records[1:]])][-1] != hashes[-1]


async def test_the_trail_travels_with_its_place_in_the_chain(site: NodeInMemory, centre: NodeInMemory) -> None:
    await site.do(VEHICLE)
    await carry(site, centre)

    assert await trail(centre) == await trail(site)
    assert uuid.UUID((await trail(centre))[0].id).version == 7


def test_devices_and_nodes_are_no_persons() -> None:
    assert OFFICER.is_person
    assert not CAMERA.is_person
    assert not system("dorohusk").is_person
