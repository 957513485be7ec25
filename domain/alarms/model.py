"""An alarm and its states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

TECHNICAL: Final = "technical:"
"""Causes that begin so are faults of the installation, which a node sees of itself and its neighbours."""
RADIATION: Final = "radiation:"
"""Causes that begin so are what a radiation portal sounded."""
NOT_PERMITTED: Final = "traffic_not_permitted"
"""The cause of traffic that a post does not permit; the text tells for which reasons."""


class AlarmSource(StrEnum):
    """Where an alarm comes from."""

    MATCH = "match"
    FAULT = "fault"
    ANOMALY = "anomaly"
    OFFICER = "officer"


class AlarmState(StrEnum):
    """How far the handling of an alarm has come."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSnapshot:
    """What an officer must know of the entry that was met, and how the object met it."""

    entry_id: str
    title: str
    category: str
    instructions: str
    tier: str
    key: str
    read: str
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that demands a response, with a snapshot of all it is about.

    Attributes:
        node: the node that raised it and alone decides its transitions.
        cause: what it was raised for; one alarm is open per object and cause, but for stronger evidence.
        label: the object as an officer calls it.
        late: raised so long after the fact that the object may be gone.
        repeats: how often the same object met the same cause since.
        ended_at: when its cause was gone: of technical faults, which end by themselves, and of anomalies
            that were explained.
    """

    id: str
    node: str
    source: AlarmSource
    cause: str
    lane: str
    label: str
    registration_id: str | None
    priority: int
    text: str
    late: bool
    raised_at: datetime
    match: MatchSnapshot | None = None
    state: AlarmState = AlarmState.RAISED
    repeats: int = 0
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None

    def answers_for(self, later: "Alarm") -> bool:
        """Tell whether a later alarm of the same object and cause says nothing that this one does not say."""
        if self.cause == NOT_PERMITTED:
            return self.text == later.text
        return self.match is None or later.match is None or self.match.tier <= later.match.tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with the installation, as a node sees it.

    Attributes:
        cause: what is wrong, in a word that never changes; `TECHNICAL` is put before it.
        label: what it is wrong with. One alarm stands per cause and label, until the fault ends.
        priority: 1 to 3.
    """

    cause: str
    label: str
    text: str
    priority: int
