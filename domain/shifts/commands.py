"""What may be asked of shifts."""

from dataclasses import dataclass

from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShift(Command):
    """Begin a shift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseShift(Command):
    """End one's shift, and hand over what is left to do."""

    shift_id: str
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeShiftOver(Command):
    """Go on with what a shift has left to do."""

    shift_id: str
