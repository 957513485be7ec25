"""Messages of alarms."""

from bus.catalogue.entries import ALARMS, EntityEntry, always, command, event
from domain.alarms.commands import AcknowledgeAlarm, RaiseAlarm, ReportFaults
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.alarms.handlers import acknowledge_alarm, raise_alarm, report_faults
from domain.alarms.model import Alarm

COMMANDS = (
    command(AcknowledgeAlarm, acknowledge_alarm, Alarm, lambda c, _: c.alarm_id),
    command(RaiseAlarm, raise_alarm, Alarm, lambda c, a: a.id if a else c.label[:40]),
    command(ReportFaults, report_faults, None, lambda *_: "faults"),
)

EVENTS = (
    event("AlarmRaised", AlarmRaised, always(ALARMS)),
    event("AlarmRepeated", AlarmRepeated, always(ALARMS)),
    event("AlarmAcknowledged", AlarmAcknowledged, always(ALARMS)),
    event("FaultEnded", FaultEnded, always(ALARMS)),
)

ENTITIES: tuple[EntityEntry, ...] = ()
