"""Refusals of alarms."""

from domain.shared.errors import Conflict, Invalid, NotFound


class AlarmUnknown(NotFound):
    """There is no such alarm."""

    code = "ALARM_UNKNOWN"


class AlarmAcknowledgedAlready(Conflict):
    """Somebody has acknowledged this alarm already."""

    code = "ALARM_ACKNOWLEDGED_ALREADY"


class AlarmPriorityOutOfRange(Invalid):
    """A priority is 1, 2 or 3."""

    code = "ALARM_PRIORITY_OUT_OF_RANGE"
