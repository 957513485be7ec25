"""What the bus asks of others."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from bus.recorded import Recorded
from domain.alarms import ports as alarms
from domain.alarms.ports import AlarmsChange
from domain.crossings.ports import CrossingsChange
from domain.devices.ports import DevicesChange
from domain.erasure.ports import ErasureChange
from domain.organisation.ports import OrganisationChange
from domain.registrations import ports as registrations
from domain.registrations.ports import RegistrationsChange
from domain.shared.actors import Actor
from domain.shared.ports import Change
from domain.upkeep.ports import UpkeepChange
from domain.watchlist.ports import WatchlistChange

T = TypeVar("T")


class Answers(Protocol):
    """First answers to commands that came with a key of the caller's."""

    async def find(self, actor: str, key: str) -> tuple[bytes, bytes] | None:
        """Return digest of the command and encoded answer, or None."""
        ...

    async def keep(self, actor: str, key: str, digest: bytes, answer: bytes) -> None:
        """Keep an answer with the time of the change."""
        ...

    async def forget(self, before: datetime) -> None:
        """Drop answers older than ``before``."""
        ...


class Reactions(Protocol):
    """Reactions that are due: noted in the change that called for them, dropped in the one that carries them out."""

    async def note(self, event_id: str, name: str) -> None:
        """Note that a reaction failed and is still due."""
        ...

    async def due(self, name: str, after: str | None, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return the events to which this reaction is due: their ids and bytes, oldest first, ``limit`` at most.

        Args:
            name: of the reaction.
            after: id of the event behind which to go on; None: from the oldest.
            limit: how many at most. An event that was erased has no bytes.
        """
        ...

    async def drop(self, event_id: str, name: str) -> bool:
        """Drop one; False when it was no longer due."""
        ...


class DispatchedChange(Change, Protocol):
    """A change as the dispatcher needs it."""

    @property
    def answers(self) -> Answers:
        """First answers."""
        ...

    @property
    def reactions(self) -> Reactions:
        """Reactions that are due."""
        ...

    @property
    def recorded(self) -> Sequence[Recorded]:
        """What the change has recorded so far, oldest first."""
        ...

    async def attempt(self, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Run ``work`` so that its failure undoes only what it did; return the failure, or None."""
        ...


class Readings(registrations.Readings, alarms.Readings, Protocol):
    """The readings on record, as all modules ask for them."""


class WholeChange(
    RegistrationsChange,
    WatchlistChange,
    AlarmsChange,
    CrossingsChange,
    OrganisationChange,
    DevicesChange,
    UpkeepChange,
    ErasureChange,
    DispatchedChange,
    Protocol,
):
    """A change with the ports of all modules, as adapters offer it."""

    @property
    def readings(self) -> Readings:
        """The readings on record."""
        ...


class Changes(Protocol):
    """Opens and ends changes."""

    async def run(self, actor: Actor, work: Callable[[DispatchedChange], Awaitable[T]]) -> T:
        """Run ``work`` in one atomic change and return its answer once it is durable.

        Whatever ``work`` raises undoes the change and is raised here.

        Raises:
            Unavailable: the change could not be made durable, or it is not known whether it is.
        """
        ...


Listener = Callable[[Sequence[Recorded]], None]
"""Told of events after they are durable here, in the order of their logs; must not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """How far one log is, as this node knows.

    Attributes:
        via: the child, or the parent, through which it arrives; None for the node's own.
        seq: newest event held here.
        projected: newest event that shows in the tables here.
        parent, centre: newest event that the parent and the centre have confirmed.
        waiting_since: time of the oldest event that the centre has not confirmed.
        waits_here_since: time of the oldest that not even the parent has.
        quarantined: events held in quarantine, because they cannot be shown in the tables; not those set aside.
    """

    origin: str
    epoch: int
    channel: str
    seq: int
    projected: int
    parent: int
    centre: int
    waiting_since: datetime | None
    quarantined: int
    via: str | None = None
    waits_here_since: datetime | None = None

    @property
    def waiting(self) -> int:
        """How many events the centre has not confirmed; none of a feed waits for it."""
        return 0 if self.waiting_since is None else self.seq - self.centre


class LogViews(Protocol):
    """The logs held at this node."""

    async def statuses(self) -> Sequence[LogStatus]:
        """Return the state of every log, by origin and channel."""
        ...
