"""What happens to alarms. The events travel up on the channel ``alarms``."""

from dataclasses import dataclass
from datetime import datetime

from domain.alarms.model import Alarm
from domain.shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Event):
    """Something demands a response."""

    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRepeated(Event):
    """The same object met the same cause again while the alarm was open, or in a passage known when it was taken."""

    alarm_id: str
    registration_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmAcknowledged(Event):
    """Somebody took the alarm."""

    alarm_id: str
    acknowledged_by: str
    acknowledged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEnded(Event):
    """What an alarm was raised for is gone, whether or not somebody has taken the alarm.

    A fault of the installation is over, or a later reading has explained an anomaly of a visit.
    """

    alarm_id: str
    ended_at: datetime
