"""What may be asked of alarms."""

from dataclasses import dataclass

from domain.alarms.model import Fault
from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlarm(Command):
    """Take an alarm."""

    alarm_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseAlarm(Command):
    """Raise an alarm by an officer's own judgement."""

    lane: str
    label: str
    priority: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFaults(Command):
    """Say which faults of the installation have begun, and which have ended."""

    begun: tuple[Fault, ...]
    ended: tuple[Fault, ...]
