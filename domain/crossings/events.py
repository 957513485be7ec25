"""What is put on record of crossings. The events travel up on the channel ``facts``.

The values that the events carry are offered here too, for the modules that react to them.
"""

from dataclasses import dataclass

from domain.crossings.model import Act, Crossing, CrossingState
from domain.crossings.parts import MemberRole
from domain.shared.messages import Event

__all__ = ["Crossing", "CrossingActed", "CrossingOpened", "CrossingState", "RegistrationBound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingOpened(Event):
    """An officer has begun with a crossing."""

    crossing: Crossing


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingActed(Event):
    """An officer has done something with a crossing."""

    crossing_id: str
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationBound(Event):
    """A registration has become a member of a crossing; the last one that it was bound to counts."""

    registration_id: str
    node: str
    crossing_id: str
    role: MemberRole
