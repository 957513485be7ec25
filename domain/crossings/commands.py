"""What may be asked of crossings. An act on one gives, as ``seen``, the version that its officer saw."""

from dataclasses import dataclass

from domain.crossings.model import RefusalReason
from domain.crossings.parts import Outcome, Parts
from domain.organisation.events import Subsystem
from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCrossing(Command):
    """Begin with a crossing. Its time, where none is given, is when its first member was seen."""

    subsystem: Subsystem
    put: Parts
    confirm_duplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteCrossing(Command):
    """Put more into a crossing; ``confirm_duplicates``: a document, or who has it, is indeed in it twice."""

    crossing_id: str
    seen: int
    put: Parts
    confirm_duplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectCrossing(Command):
    """Put right what is wrong of a crossing: what has a number or is a member already is replaced.

    Attributes:
        without: numbers of goods, documents and weights that do not belong to it.
        without_members: ids of registrations that do not belong to it.
    """

    crossing_id: str
    seen: int
    reason: str
    put: Parts
    without: tuple[int, ...] = ()
    without_members: tuple[str, ...] = ()
    confirm_duplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequirement(Command):
    """Say what a check of a requirement came to; to waive it needs a reason."""

    crossing_id: str
    seen: int
    requirement: str
    outcome: Outcome
    reason: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRequirement(Command):
    """Decide that the crossing may be released though a requirement is open or not satisfied."""

    crossing_id: str
    seen: int
    requirement: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendToControl(Command):
    """Send a crossing to control."""

    crossing_id: str
    seen: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFromControl(Command):
    """Say what the control came to."""

    crossing_id: str
    seen: int
    result: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCrossing(Command):
    """Let it go."""

    crossing_id: str
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseCrossing(Command):
    """Do not let it pass."""

    crossing_id: str
    seen: int
    code: RefusalReason
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCrossing(Command):
    """Say that there is no such crossing."""

    crossing_id: str
    seen: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenCrossing(Command):
    """Take up a crossing again on which somebody has decided."""

    crossing_id: str
    seen: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAct(Command):
    """Take back one's own last act."""

    crossing_id: str
    seen: int
