"""What upkeep asks of a node's database within a change."""

from typing import Protocol

from domain.shared.ports import Change
from domain.upkeep.model import QuarantinedBatch, QuarantinedEvent, Replayed


class HeldEvents(Protocol):
    """Events in quarantine.

    To replay is to show an event in the tables as if all came in order: what the same log has shown since about the
    same object is shown anew behind it. Each event is tried by itself; one that still cannot be shown stays held, with
    the reason of this time.
    """

    async def find(self, event_id: str) -> QuarantinedEvent | None:
        """Return an event, or None."""
        ...

    async def replay(self, event_id: str) -> Replayed:
        """Try a held event, and if it shows what is parked behind it in its log, in the order of the log."""
        ...

    async def replay_log(self, origin: str, epoch: int, channel: str) -> Replayed:
        """Try all held events of a log, in its order; none when there is no such log."""
        ...

    async def replay_parked(self) -> Replayed:
        """Try all parked events of all logs, log by log in their order."""
        ...

    async def replay_waiting(self, skip: int, limit: int) -> Replayed:
        """Try events that wait for others, log by log in their order: ``limit`` of them behind the first ``skip``.

        Those that wait for an upgrade are not among them.
        """
        ...

    async def set_aside(self, event_id: str, note: str) -> None:
        """Mark an event as given up."""
        ...


class HeldBatches(Protocol):
    """Batches in quarantine."""

    async def find(self, batch_id: str) -> QuarantinedBatch | None:
        """Return a batch without its bytes, or None."""
        ...

    async def note_taken(self, batch_id: str) -> None:
        """Mark a batch as taken after all."""
        ...

    async def set_aside(self, batch_id: str, note: str) -> None:
        """Mark a batch as given up."""
        ...


class UpkeepChange(Change, Protocol):
    """A change as upkeep needs it."""

    @property
    def held_events(self) -> HeldEvents:
        """Events in quarantine."""
        ...

    @property
    def held_batches(self) -> HeldBatches:
        """Batches in quarantine."""
        ...
