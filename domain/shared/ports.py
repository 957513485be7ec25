"""Ports of the kernel: time, ids and randomness, and the change that records events."""

from datetime import datetime
from typing import Protocol

from domain.shared.actors import Actor
from domain.shared.entities import Entities
from domain.shared.messages import Event


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        ...


class Ids(Protocol):
    """Makes identities and random bytes."""

    def new(self) -> str:
        """Return a fresh UUIDv7 as canonical text; ids made later at this node sort later."""
        ...

    def random(self, size: int) -> bytes:
        """Return ``size`` unpredictable bytes."""
        ...


class Change(Protocol):
    """One atomic change. Only the dispatcher opens and ends it; a handler reads, decides and records."""

    @property
    def node(self) -> str:
        """Code of the node at which the change is made."""
        ...

    @property
    def now(self) -> datetime:
        """Time of the change: the same at every call, aware, in UTC."""
        ...

    @property
    def actor(self) -> Actor:
        """Who asked for it."""
        ...

    @property
    def entities(self) -> Entities:
        """The entities on record."""
        ...

    def new_id(self) -> str:
        """Return a fresh UUIDv7 as canonical text."""
        ...

    async def record(self, event: Event) -> None:
        """Put ``event`` on record; what was recorded is visible to later reads of the same change."""
        ...
