"""What can be looked up of what is in quarantine."""

from collections.abc import Sequence
from typing import Protocol

from domain.shared.quarantine import QuarantineState
from domain.shared.views import Page, Window
from domain.upkeep.model import DroppedBatches, QuarantinedBatch, QuarantinedEvent, Trouble


class UpkeepViews(Protocol):
    """Quarantine as it stands at this node; lists are ordered by id, the newest first."""

    async def quarantined_event(self, event_id: str) -> tuple[QuarantinedEvent, bytes] | None:
        """Return an event with its body, which is empty once it is erased, or None."""
        ...

    async def quarantined_events(
        self,
        window: Window,
        *,
        state: QuarantineState | None = None,
        trouble: Trouble | None = None,
        origin: str | None = None,
    ) -> Page[QuarantinedEvent]:
        """Return events that could not be shown, in one state, of one trouble or one origin where given."""
        ...

    async def quarantined_batch(self, batch_id: str) -> tuple[QuarantinedBatch, bytes] | None:
        """Return a batch with its bytes, or None."""
        ...

    async def quarantined_batches(
        self, window: Window, *, state: QuarantineState | None = None, child: str | None = None
    ) -> Page[QuarantinedBatch]:
        """Return batches that could not be taken, in one state or of one child where given."""
        ...

    async def held_event_count(self) -> int:
        """Return how many events are held, over all logs."""
        ...

    async def held_batch_count(self) -> int:
        """Return how many batches are held."""
        ...

    async def dropped_batches(self) -> Sequence[DroppedBatches]:
        """Return how many batches had to make room, by child; who lost none is not in it."""
        ...
