"""What each event does to the tables: one function per event, the same for events of this node and of others.

Order holds within a log only, so a projection takes for granted what the same log brought before, and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from adapters.memory import entities
from adapters.memory.erasing import erase
from adapters.memory.tables import Tables
from bus.recorded import Recorded, RowMissing
from domain.access.events import Audited
from domain.access.model import AuditRecord
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.alarms.model import AlarmState
from domain.erasure.events import EventsErased
from domain.organisation.events import DeviceAdjusted, DeviceEnrolled, DeviceKeyRenewed, DeviceWithdrawn
from domain.registrations.events import (
    PassagesLinked,
    PicturesAdded,
    PushQuarantined,
    PushReplayed,
    PushSetAside,
    QuarantineFilled,
    ReadingTaken,
    Registered,
    RegistrationCorrected,
    Rescreened,
)
from domain.registrations.model import QuarantinedPush, QuarantineTally, Reading
from domain.registrations.passages import Nearby, Place, Source
from domain.shared.messages import Event
from domain.shared.quarantine import QuarantineState
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn

R = TypeVar("R")


def project(recorded: Recorded, tables: Tables) -> None:
    """Put an event into the tables."""
    PROJECTIONS[type(recorded.event)](recorded.event, recorded, tables)


def _there(row: R | None, table: str) -> R:
    """Return a row that an event of the same log has brought.

    Raises:
        RowMissing: that event is in quarantine.
    """
    if row is None:
        raise RowMissing(table)
    return row


def _reading_taken(event: ReadingTaken, recorded: Recorded, tables: Tables) -> None:
    reading = Reading(
        id=event.reading_id,
        node=recorded.log.origin,
        passage_id=event.passage_id,
        registration_id=event.registration_id,
        device=event.device,
        vendor_id=event.vendor_id,
        lane=event.lane,
        checkpoint=event.checkpoint,
        plate=event.plate.canonical,
        plate_raw=event.plate.raw,
        confidence=event.confidence,
        seen_at=event.seen_at,
        device_time=event.device_time,
        received_at=event.received_at,
        retransmitted=event.retransmitted,
        pictures=event.pictures,
        kind=event.plate.kind,
        train=event.train,
        track=event.track,
        position=event.position,
        view=event.view,
        country=event.plate.country,
        vehicle_type=event.vehicle_type,
        make=event.make,
        colour=event.colour,
    )
    sighting = Nearby(
        passage_id=event.passage_id,
        registration_id=event.registration_id,
        canonical=event.plate.canonical,
        folded=event.plate.folded,
        country=event.plate.country,
        seen_at=event.seen_at,
        kind=event.plate.kind,
        place=Place(train=event.train, track=event.track, position=event.position),
        view=event.view,
        source=Source(device=event.device, confidence=event.confidence),
        lane=event.lane,
    )
    tables.readings.put(reading, event.registration_id, event.seen_at, event.reading_id)
    tables.sightings.put(sighting, event.checkpoint, event.seen_at, event.reading_id)
    tables.observations.put(sighting, event.device, event.vendor_id)


def _pictures_added(event: PicturesAdded, _: Recorded, tables: Tables) -> None:
    of_registration = tables.readings.under(event.registration_id)
    found = _there(next((one for one in of_registration if one.id == event.reading_id), None), "reading")
    tables.readings.put(replace(found, pictures=event.pictures), found.registration_id, found.seen_at, found.id)


def _registered(event: Registered, recorded: Recorded, tables: Tables) -> None:
    tables.registrations.put(replace(event.registration, node=recorded.log.origin), event.registration.id)


def _corrected(event: RegistrationCorrected, _: Recorded, tables: Tables) -> None:
    registration = _there(tables.registrations.get(event.registration_id), "registration")
    tables.registrations.put(registration.corrected(event.correction, event.screening), registration.id)


def _rescreened(event: Rescreened, _: Recorded, tables: Tables) -> None:
    registration = _there(tables.registrations.get(event.registration_id), "registration")
    tables.registrations.put(registration.rescreened(event.identifiers, event.screening), registration.id)


def _passages_linked(event: PassagesLinked, _: Recorded, tables: Tables) -> None:
    tables.links.put(event, event.linked_passage_id)


def _push_quarantined(event: PushQuarantined, recorded: Recorded, tables: Tables) -> None:
    push = QuarantinedPush(
        id=event.push_id,
        node=recorded.log.origin,
        device=event.device,
        content_type=event.content_type,
        digest=event.digest,
        size=event.size,
        truncated=event.truncated,
        reason=event.reason,
        message=event.message,
        received_at=event.received_at,
    )
    tables.pushes.put(push, push.id)
    tally = _tally(push.device, push.node, tables)
    tables.tallies.put(replace(tally, held=tally.held + 1, size=tally.size + push.size), push.device)


def _push_replayed(event: PushReplayed, _: Recorded, tables: Tables) -> None:
    _settle(event.push_id, QuarantineState.REPLAYED, "", tables)


def _push_set_aside(event: PushSetAside, _: Recorded, tables: Tables) -> None:
    _settle(event.push_id, QuarantineState.SET_ASIDE, event.reason, tables)


def _settle(push_id: str, state: QuarantineState, note: str, tables: Tables) -> None:
    push = _there(tables.pushes.get(push_id), "quarantined_push")
    tables.pushes.put(replace(push, state=state, note=note), push.id)
    if push.state is QuarantineState.HELD:
        tally = _tally(push.device, push.node, tables)
        left = replace(tally, held=tally.held - 1, size=tally.size - push.size, full_since=None)
        tables.tallies.put(left, push.device)


def _quarantine_filled(event: QuarantineFilled, recorded: Recorded, tables: Tables) -> None:
    tally = _tally(event.device, recorded.log.origin, tables)
    tables.tallies.put(replace(tally, full_since=event.at), event.device)


def _tally(device: str, node: str, tables: Tables) -> QuarantineTally:
    return tables.tallies.get(device) or QuarantineTally(device=device, node=node)


def _alarm_raised(event: AlarmRaised, recorded: Recorded, tables: Tables) -> None:
    alarm = replace(event.alarm, node=recorded.log.origin)
    tables.alarms.put(alarm, alarm.id)
    tables.causes.put(alarm.id, alarm.node, alarm.label, alarm.cause, alarm.id)


def _alarm_repeated(event: AlarmRepeated, _: Recorded, tables: Tables) -> None:
    alarm = _there(tables.alarms.get(event.alarm_id), "alarm")
    tables.alarms.put(replace(alarm, repeats=alarm.repeats + 1), alarm.id)


def _alarm_acknowledged(event: AlarmAcknowledged, _: Recorded, tables: Tables) -> None:
    alarm = _there(tables.alarms.get(event.alarm_id), "alarm")
    taken = replace(
        alarm,
        state=AlarmState.ACKNOWLEDGED,
        acknowledged_by=event.acknowledged_by,
        acknowledged_at=event.acknowledged_at,
    )
    tables.alarms.put(taken, alarm.id)


def _fault_ended(event: FaultEnded, _: Recorded, tables: Tables) -> None:
    alarm = _there(tables.alarms.get(event.alarm_id), "alarm")
    tables.alarms.put(replace(alarm, ended_at=event.ended_at), alarm.id)


def _entry_submitted(event: EntrySubmitted, _: Recorded, tables: Tables) -> None:
    """The feed of drafts may arrive after that of the scope: what came of the draft stands."""
    if tables.entries.get(event.entry.id) is None:
        tables.entries.put(event.entry, event.entry.id)


def _entry_activated(event: EntryActivated, _: Recorded, tables: Tables) -> None:
    entry = event.entry
    tables.entries.put(entry, entry.id)
    for criterion in entry.criteria:
        tables.sought.put(entry.id, criterion.identifier.kind, criterion.identifier.folded, entry.id)


def _entry_withdrawn(event: EntryWithdrawn, _: Recorded, tables: Tables) -> None:
    entry = _there(tables.entries.get(event.entry_id), "entry")
    tables.entries.put(entry.withdrawn(), entry.id)


def _device_enrolled(event: DeviceEnrolled, _: Recorded, tables: Tables) -> None:
    tables.devices.put(event.device, event.device.code)


def _device_key_renewed(event: DeviceKeyRenewed, _: Recorded, tables: Tables) -> None:
    device = _there(tables.devices.get(event.code), "device")
    tables.devices.put(device.with_key(event.key_digest), device.code)


def _device_withdrawn(event: DeviceWithdrawn, _: Recorded, tables: Tables) -> None:
    device = _there(tables.devices.get(event.code), "device")
    tables.devices.put(device.withdrawn(event.withdrawn_at), device.code)


def _device_adjusted(event: DeviceAdjusted, _: Recorded, tables: Tables) -> None:
    device = _there(tables.devices.get(event.code), "device")
    adjusted = device.adjusted(event.silent_after, event.view, event.direction_words, event.merge_window)
    tables.devices.put(adjusted, device.code)


def _audited(event: Audited, recorded: Recorded, tables: Tables) -> None:
    record = AuditRecord(
        id=event.record_id,
        node=recorded.log.origin,
        seq=recorded.seq,
        hash=recorded.hash.hex(),
        at=event.at,
        who=event.who,
        roles=event.roles,
        action=event.action,
        target=event.target,
        purpose=event.purpose,
        outcome=event.outcome,
    )
    tables.audit.put(record, record.id)


PROJECTIONS: Mapping[type[Event], Callable[[Any, Recorded, Tables], None]] = {
    ReadingTaken: _reading_taken,
    PicturesAdded: _pictures_added,
    Registered: _registered,
    RegistrationCorrected: _corrected,
    Rescreened: _rescreened,
    PassagesLinked: _passages_linked,
    PushQuarantined: _push_quarantined,
    PushReplayed: _push_replayed,
    PushSetAside: _push_set_aside,
    QuarantineFilled: _quarantine_filled,
    AlarmRaised: _alarm_raised,
    AlarmRepeated: _alarm_repeated,
    AlarmAcknowledged: _alarm_acknowledged,
    FaultEnded: _fault_ended,
    EntrySubmitted: _entry_submitted,
    EntryActivated: _entry_activated,
    EntryWithdrawn: _entry_withdrawn,
    DeviceEnrolled: _device_enrolled,
    DeviceAdjusted: _device_adjusted,
    DeviceKeyRenewed: _device_key_renewed,
    DeviceWithdrawn: _device_withdrawn,
    EventsErased: erase,
    Audited: _audited,
    **entities.PROJECTIONS,
}
