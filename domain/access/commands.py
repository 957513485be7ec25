"""What is put on audit by a message of its own."""

from dataclasses import dataclass

from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAccess(Command):
    """Put a consultation or a refused request on audit."""

    action: str
    target: str
    outcome: str
