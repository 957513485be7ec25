"""What registrations ask of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from domain.identifiers.identifier import Identifier
from domain.registrations.directions import meaning
from domain.registrations.measurements import Measurement
from domain.registrations.model import QuarantinedPush, QuarantineTally, Reading, Registration, Screening
from domain.registrations.passages import Extent, Nearby
from domain.shared.ports import Change

NEARBY_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a device stands and how its readings merge.

    Attributes:
        merge_window: of the checkpoint: the widest of its devices'.
        view: what the device sees of a vehicle: ``front``, ``rear`` or ``side``; None when that is not known.
        has_views: of any device at the checkpoint it is known.
    """

    device: str
    lane: str
    checkpoint: str
    direction: str
    merge_window: timedelta
    view: str | None = None
    has_views: bool = False
    direction_words: Mapping[str, str] = field(default_factory=dict)

    def directed(self, word: str | None) -> str:
        """Return the direction of an object, with the device's own word for it: the lane's when it means nothing."""
        return (word and meaning(word, self.direction_words)) or self.direction


class Lanes(Protocol):
    """Where devices stand."""

    async def stand_of(self, device: str) -> Stand | None:
        """Return where the device of this code stands at this site, or None."""
        ...


class Readings(Protocol):
    """The readings on record."""

    async def find(self, device: str, vendor_id: str) -> Nearby | None:
        """Return the reading that ``device`` calls ``vendor_id``, under the passage kept after all links, or None."""
        ...

    async def told(self, device: str, vendor_id: str) -> Reading | None:
        """Return the same as it stands on record, or None."""
        ...

    async def near(self, checkpoint: str, since: datetime, until: datetime) -> Sequence[Nearby]:
        """Return readings at the checkpoint seen between the two times, both included.

        Passages that were linked appear under the one that was kept. Newest first, at most ``NEARBY_MAX``: where there
        are more, what is merged depends on the order in which they come.
        """
        ...

    async def extent(self, registration_id: str, lane: str) -> Extent | None:
        """Return from when to when the passage of a registration that was kept was read in a lane; None: never."""
        ...

    async def lanes_of(self, registration_id: str) -> Sequence[str]:
        """Return the lanes in which the passage of a registration that was kept was read, in order."""
        ...

    async def measured(self, checkpoint: str, since: datetime, until: datetime) -> Sequence[Measurement]:
        """Return the measurements at the checkpoint between the two times, both included, oldest first."""
        ...


class Registrations(Protocol):
    """The registrations on record."""

    async def find(self, registration_id: str) -> Registration | None:
        """Return one registration, or None."""
        ...


class Watchlist(Protocol):
    """What is sought."""

    async def screen(self, identifiers: Sequence[Identifier], at: datetime) -> Screening:
        """Match identifiers against every live entry of this node's scope, the gravest match first.

        It is no check (``not_checked``, with what was met) until each list that the node needs has arrived once. A
        list that is empty arrives as well.

        Raises:
            Unavailable: the watchlist cannot be read now.
        """
        ...


class Quarantine(Protocol):
    """Pushes that could not be taken."""

    async def find(self, push_id: str) -> QuarantinedPush | None:
        """Return a push without its body, or None."""
        ...

    async def held(self, device: str, digest: str) -> str | None:
        """Return the id of a push of this device and digest that is held at this node, or None."""
        ...

    async def has_room(self) -> bool:
        """Tell whether this node's disk has room for what it can do without."""
        ...

    async def keep(self, push_id: str, body: bytes) -> None:
        """Keep the body of a push at this node."""
        ...

    async def tally(self, device: str) -> QuarantineTally:
        """Return how much of this device is held at this node: nothing when it was never heard of. Takes one row."""
        ...

    async def count_refused(self, device: str) -> None:
        """Count one more push of this device that was not kept at this node."""
        ...


class RegistrationsChange(Change, Protocol):
    """A change as registrations need it."""

    @property
    def lanes(self) -> Lanes:
        """Where devices stand."""
        ...

    @property
    def readings(self) -> Readings:
        """The readings on record."""
        ...

    @property
    def registrations(self) -> Registrations:
        """The registrations on record."""
        ...

    @property
    def watchlist(self) -> Watchlist:
        """What is sought."""
        ...

    @property
    def quarantine(self) -> Quarantine:
        """Pushes that could not be taken."""
        ...
