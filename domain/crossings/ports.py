"""What crossings ask of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.shared.ports import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What an act on a crossing has to know of a registration; nothing of it goes on record with the crossing.

    Attributes:
        kind: ``vehicle``, ``person``, ``container`` or ``wagon``.
        label: by what its object is known; empty where it has no identifier.
        checked: it was matched against the watchlist.
    """

    id: str
    node: str
    kind: str
    label: str
    seen_at: datetime
    checked: bool


class Sightings(Protocol):
    """The registrations on record."""

    async def of(self, registration_ids: Sequence[str]) -> Mapping[str, Sighting]:
        """Return what is known of each; one that is not on record, or erased, is left out."""
        ...

    async def alarmed(self, registration_ids: Sequence[str]) -> Sequence[str]:
        """Return, in the order given, those for which there is an alarm here that nobody has taken and that lasts.

        An alarm for the same object at another checkpoint of this site counts, and so does a match, or radiation for
        which a portal sounded an alarm, for which none has been raised yet: alarms follow in changes of their own.
        What was raised for it before it was corrected counts until somebody takes it.
        """
        ...

    async def seen_since(self, registration_ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Return, in the order given, those whose object this node has registered anew, seen later than ``since``."""
        ...


class CrossingsChange(Change, Protocol):
    """A change as crossings need it."""

    @property
    def sightings(self) -> Sightings:
        """The registrations on record."""
        ...
