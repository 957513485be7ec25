"""What can be looked up of registrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from domain.registrations.lookups import Search
from domain.registrations.measurements import Measurement
from domain.registrations.model import ObjectKind, QuarantinedPush, QuarantineTally, Reading, Registration
from domain.registrations.passage import Passage
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Page, Window

READINGS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """From when, and until before when; None: without an end on this side."""

    since: datetime | None = None
    until: datetime | None = None

    def cover(self, at: datetime) -> bool:
        """Tell whether a time is among them."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


ANY_TIME: Final = Times()


class RegistrationsViews(Protocol):
    """Registrations, readings and quarantine as they stand at this node."""

    async def registration(self, registration_id: str) -> Registration | None:
        """Return one registration with all matches found so far, or None."""
        ...

    async def registrations_of(self, registration_ids: Sequence[str]) -> Sequence[Registration]:
        """Return the registrations of these ids, in one look, in any order; what is not on record is left out."""
        ...

    async def registrations(
        self, window: Window, *, node: str | None = None, label: str | None = None, kind: ObjectKind | None = None
    ) -> Page[Registration]:
        """Return registrations, of one site, one canonical identifier or one kind where given."""
        ...

    async def history(self, window: Window, kind: str, canonical: str) -> Page[Registration]:
        """Return the registrations that have this identifier, of whatever place among theirs, newest first."""
        ...

    async def found(self, window: Window, search: Search) -> Page[Registration]:
        """Return the registrations that are searched for, newest first."""
        ...

    async def readings(self, registration_ids: Sequence[str]) -> Sequence[Reading]:
        """Return the readings of these registrations' passages, the first seen first, at most 1000."""
        ...

    async def reading(self, reading_id: str) -> Reading | None:
        """Return one reading, or None."""
        ...

    async def picture_hashes(self, since: datetime) -> frozenset[str]:
        """Return the hashes of the pictures of all readings and measurements that were received since then."""
        ...

    async def measurements(
        self, window: Window, *, node: str | None = None, checkpoint: str | None = None, times: Times = ANY_TIME
    ) -> Page[Measurement]:
        """Return measurements, newest on record first: of one site, one checkpoint, or made at these times."""
        ...

    async def passages(self, registration_ids: Sequence[str]) -> Sequence[Passage | None]:
        """Return the passage of each registration, with all linked to it, by its first ``READINGS_MAX`` readings.

        None for a registration that did not grow from a passage, or is not here.
        """
        ...

    async def quarantine(self, window: Window, *, state: QuarantineState | None = None) -> Page[QuarantinedPush]:
        """Return pushes that could not be taken."""
        ...

    async def quarantined(self, push_id: str) -> tuple[QuarantinedPush, bytes] | None:
        """Return a push with the body kept at this node, or None when either is not here."""
        ...

    async def quarantine_count(self) -> int:
        """Return how many pushes are held."""
        ...

    async def quarantine_tallies(self, window: Window) -> Page[QuarantineTally]:
        """Return what quarantine holds by device, by code descending; a window's ``after`` is a code.

        Devices of which nothing was ever quarantined are not in it.
        """
        ...
