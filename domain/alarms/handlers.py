"""How alarms answer their commands, and which events of others raise them."""

from collections.abc import Sequence
from datetime import datetime

from domain.alarms.commands import AcknowledgeAlarm, RaiseAlarm, ReportFaults
from domain.alarms.errors import AlarmAcknowledgedAlready, AlarmPriorityOutOfRange, AlarmUnknown
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.alarms.model import TECHNICAL, Alarm, AlarmSource, AlarmState
from domain.alarms.ports import AlarmsChange
from domain.alarms.raising import (
    Screened,
    country_told,
    from_class,
    from_fault,
    from_filled_quarantine,
    from_linked_passages,
    from_mass,
    from_radiation,
    from_screening,
    from_seen_train,
    from_traffic,
)
from domain.organisation.events import Reason, VehicleClass
from domain.registrations.events import (
    Measurement,
    MeasurementPlaced,
    PassagesLinked,
    QuarantineFilled,
    RadiationTaken,
    ReadingTaken,
    Registered,
    Registration,
    RegistrationCorrected,
    Rescreened,
    TrainSeen,
    WeighingTaken,
)
from domain.shared.errors import NotHere
from domain.shared.lanes import check_lane
from domain.shared.texts import required

PRIORITIES = (1, 2, 3)


async def acknowledge_alarm(command: AcknowledgeAlarm, change: AlarmsChange) -> Alarm:
    """Take an alarm.

    Raises:
        AlarmUnknown: there is none of this id.
        NotHere: another node raised it and decides.
        AlarmAcknowledgedAlready: somebody was faster.
    """
    alarm = await change.alarms.find(command.alarm_id)
    if alarm is None:
        raise AlarmUnknown(path=("alarmId",))
    if alarm.node != change.node:
        raise NotHere(alarm.node, path=("alarmId",))
    if alarm.state is AlarmState.ACKNOWLEDGED:
        raise AlarmAcknowledgedAlready(path=("alarmId",), acknowledged_by=alarm.acknowledged_by)
    await change.record(
        AlarmAcknowledged(alarm_id=alarm.id, acknowledged_by=change.actor.name, acknowledged_at=change.now)
    )
    taken = await change.alarms.find(command.alarm_id)
    assert taken is not None  # noqa: S101 - it was found a line above, in the same change
    return taken


async def raise_alarm(command: RaiseAlarm, change: AlarmsChange) -> Alarm:
    """Raise an officer's own alarm.

    Raises:
        LaneMalformed, AlarmPriorityOutOfRange, TextMissing, TextTooLong: a field does not make sense.
    """
    check_lane(command.lane)
    if command.priority not in PRIORITIES:
        raise AlarmPriorityOutOfRange(path=("priority",))
    alarm = Alarm(
        id=change.new_id(),
        node=change.node,
        source=AlarmSource.OFFICER,
        cause=f"officer:{change.actor.name}",
        lane=command.lane,
        label=required(command.label, "label"),
        registration_id=None,
        priority=command.priority,
        text=required(command.text, "text"),
        late=False,
        raised_at=change.now,
    )
    await change.record(AlarmRaised(alarm=alarm))
    return alarm


async def report_faults(command: ReportFaults, change: AlarmsChange) -> None:
    """Raise an alarm for each fault that has begun, unless one stands, and end those for faults that have ended.

    Whether somebody has taken an alarm makes no difference: the same fault is told again only after it ended.
    """
    for fault in command.begun:
        if not await change.alarms.standing(fault.label, TECHNICAL + fault.cause):
            await change.record(AlarmRaised(alarm=from_fault(fault, change)))
    for fault in command.ended:
        for alarm in await change.alarms.standing(fault.label, TECHNICAL + fault.cause):
            await change.record(FaultEnded(alarm_id=alarm.id, ended_at=change.now))


async def raise_for_screening(event: Screened, change: AlarmsChange) -> None:
    """Raise what the screening of a registration calls for.

    A taken alarm answers for what was on record of the object by then: a further reading of that passage is counted.
    """
    for alarm in from_screening(event, change):
        await _raise_once(alarm, change, _on_record_since(event))


async def raise_for_linked_passages(event: PassagesLinked, change: AlarmsChange) -> None:
    """Raise the anomaly of one vehicle on record twice."""
    await _raise_once(from_linked_passages(event, change), change)


async def raise_for_radiation(event: RadiationTaken | MeasurementPlaced, change: AlarmsChange) -> None:
    """Raise what a radiation portal sounded, of each kind of radiation one."""
    for alarm in from_radiation(event, change):
        await _raise_once(alarm, change)


async def raise_for_traffic(event: Registered, change: AlarmsChange) -> None:
    """Raise the anomaly of a vehicle at a lane whose post does not permit it."""
    seen = event.registration
    country = seen.identifiers[0].country if seen.identifiers else None
    if reasons := await change.permitted.objections(seen.lane, seen.direction, country, seen.seen_at):
        await _raise_once(from_traffic(event, reasons, change), change)


async def raise_for_country(event: RegistrationCorrected | Rescreened, change: AlarmsChange) -> None:
    """Raise the same for the country that a further reading, or a correction, tells: whichever was told first."""
    at = event.seen_at or event.registered_at
    if reasons := await change.permitted.objections(event.lane, event.direction, country_told(event), at):
        await _raise_once(from_traffic(event, reasons, change), change, _on_record_since(event))
    elif isinstance(event, RegistrationCorrected):
        await _raise_for_known_class(event, change)


async def _raise_for_known_class(event: RegistrationCorrected, change: AlarmsChange) -> None:
    """Raise the same for the country that a correction tells of a vehicle whose class is known."""
    if not await change.permitted.tells_classes_apart(event.lane):
        return
    seen = await change.registrations.find(event.registration_id)
    told = await change.readings.vehicle_class((event.registration_id,))
    if seen is not None and told is not None and (reasons := await _against_class(seen, told, change)):
        await _raise_once(from_class(seen, reasons, change), change, _on_record_since(event))


async def raise_for_class(event: ReadingTaken, change: AlarmsChange) -> None:
    """Raise the same for the class that the readings of a passage tell by now, where one of another might pass.

    What a reading adds nothing to is not counted as repeated.
    """
    if not await change.permitted.tells_classes_apart(event.lane):
        return
    seen = await change.registrations.find(event.registration_id)
    vehicle_class = await change.readings.vehicle_class((event.registration_id,))
    if seen is None or vehicle_class is None:
        return
    is_news = vehicle_class is not await change.readings.vehicle_class((seen.id,), without=event.reading_id)
    if reasons := await _against_class(seen, vehicle_class, change):
        alarm = from_class(seen, reasons, change)
        if is_news or not await _is_told(alarm, seen, change):
            await _raise_once(alarm, change, seen.registered_at)
    if is_news:
        await _raise_for_masses(seen, vehicle_class, change)


async def _is_told(alarm: Alarm, seen: Registration, change: AlarmsChange) -> bool:
    """Tell whether an alarm on record of this registration, or one not taken yet, says the same."""
    standing = await change.alarms.open_for(alarm.label, alarm.cause, seen.registered_at)
    return any(one.answers_for(alarm) for one in standing)


async def _raise_for_masses(seen: Registration, told: VehicleClass, change: AlarmsChange) -> None:
    """Raise what scales found too heavy for this class before it was known."""
    for weighed in await change.entities.those(Measurement, registration_id=seen.id):
        if reasons := await _against_mass(weighed, told, change):
            alarm = from_mass(weighed, seen.label, reasons, change)
            if not await _is_told(alarm, seen, change):
                await _raise_once(alarm, change, seen.registered_at)


async def _against_class(seen: Registration, told: VehicleClass, change: AlarmsChange) -> Sequence[Reason]:
    """Return why a vehicle may not pass for its class; none where it may not whatever its class: that was raised."""
    reasons: list[Reason] = []
    for country in dict.fromkeys(one.country for one in seen.identifiers):
        if await change.permitted.objections(seen.lane, seen.direction, country, seen.seen_at):
            return ()
        reasons += await change.permitted.objections(seen.lane, seen.direction, country, seen.seen_at, told)
    return tuple(dict.fromkeys(reasons))


async def raise_for_person(event: Registered, change: AlarmsChange) -> None:
    """Raise the anomaly of a person on foot at a lane whose post lets nobody walk."""
    seen = event.registration
    if reasons := await change.permitted.objections_to_person(seen.lane, seen.direction, seen.seen_at):
        await _raise_once(from_traffic(event, reasons, change), change)


async def raise_for_seen_train(event: TrainSeen, change: AlarmsChange) -> None:
    """Raise the anomaly of a train on a track whose post does not permit it: one for the train, none for its wagons."""
    seen = event.sighting
    at = seen.began_at or seen.ended_at or seen.received_at
    if reasons := await change.permitted.objections_to_train(seen.lane, at):
        await _raise_once(from_seen_train(seen, reasons, change), change)


async def raise_for_mass(event: WeighingTaken | MeasurementPlaced, change: AlarmsChange) -> None:
    """Raise the anomaly of a vehicle that is heavier than its post permits."""
    if isinstance(event, WeighingTaken):
        known: Measurement | None = event.measurement
    else:
        known = await change.entities.find(Measurement, event.measurement_id)
    if known is None:
        return
    told = await _class_by_now(known, change)
    if reasons := await _against_mass(known, told, change):
        await _raise_once(from_mass(known, event.label, reasons, change), change)


async def _class_by_now(weighed: Measurement, change: AlarmsChange) -> VehicleClass | None:
    """Return the class of a vehicle that was weighed, where its lane asks."""
    if weighed.registration_id is None or not await change.permitted.tells_classes_apart(weighed.lane):
        return None
    return await change.readings.vehicle_class((weighed.registration_id,))


async def _against_mass(weighed: Measurement, told: VehicleClass | None, change: AlarmsChange) -> Sequence[Reason]:
    if weighed.weight is None:
        return ()
    return await change.permitted.objections_to_mass(weighed.lane, weighed.weight.gross_kg, weighed.at, told)


async def raise_for_filled_quarantine(event: QuarantineFilled, change: AlarmsChange) -> None:
    """Raise the fault of a device whose pushes are no longer kept."""
    await _raise_once(from_filled_quarantine(event, change), change)


def _on_record_since(event: Screened) -> datetime | None:
    """Return since when it is on record of its object what matched; None where it came on record just now.

    Who took an alarm for an object did not know of what was called otherwise then, and was corrected to it later.
    """
    if isinstance(event, Registered):
        return None
    if isinstance(event, RegistrationCorrected):
        told = event.correction
        return event.registered_at if told.before.label == told.after.label else told.at
    return event.registered_at


async def _raise_once(alarm: Alarm, change: AlarmsChange, on_record_since: datetime | None = None) -> None:
    """Record an alarm, or its repetition when an earlier one of the object and cause answers for it."""
    standing = await change.alarms.open_for(alarm.label, alarm.cause, on_record_since)
    earlier = next((one for one in standing if one.answers_for(alarm)), None)
    if earlier is None:
        await change.record(AlarmRaised(alarm=alarm))
    else:
        await change.record(
            AlarmRepeated(alarm_id=earlier.id, registration_id=alarm.registration_id, at=alarm.raised_at)
        )
