"""What may be asked where data must go."""

from dataclasses import dataclass

from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase(Command):
    """Erase all that is on record about some objects, at every node.

    Attributes:
        ids: of registrations, alarms, watchlist entries, or of events about them.
        reason: why, without anything that is to be erased.
        legal_basis: the provision that demands or allows it.
    """

    ids: tuple[str, ...]
    reason: str
    legal_basis: str
