"""What is in quarantine of the link: events that cannot be shown, batches that cannot be taken."""

from datetime import datetime

import strawberry

from api.numbers import Int64
from api.objects.lens import described, id_of, lens
from domain.shared.quarantine import QuarantineState
from domain.upkeep import model
from domain.upkeep.model import Trouble

strawberry.enum(
    Trouble,
    description="Why an event cannot be shown: it is at fault itself, or it waits for an upgrade or another event.",
)

_NOTE = "Why it was set aside, or how it came to be taken."
_REASON = "Why it could not be, when that was last tried; nothing of what it says."


@lens(model.QuarantinedEvent, description="An event that stands in its log here and cannot be shown in the tables.")
class QuarantinedEvent:
    """An event in quarantine."""

    id: strawberry.ID = id_of("QuarantinedEvent")
    origin: str = described("Code of the node that recorded it.")
    epoch: Int64 = described("Life of that node's log.")
    channel: str = described("Kind of events that the log holds.")
    seq: Int64 = described("Its number in the log.")
    size: int = described("Of its body, in bytes; 0 once it is erased.")
    trouble: Trouble = described("What keeps it from being shown.")
    state: QuarantineState = described("What became of it.")
    reason: str = described(_REASON)
    at: datetime = described("When that was found.")
    note: str = described(_NOTE)
    settled_by: str = described("Who had it replayed or set aside; the node itself after an upgrade.")
    settled_at: datetime | None = described("When that was done.")


@lens(model.QuarantinedBatch, description="A message of a neighbour's that could not be taken as a batch of events.")
class QuarantinedBatch:
    """A batch in quarantine."""

    id: strawberry.ID = id_of("QuarantinedBatch")
    child: str = described("Code under which it came; or who handed it back, or whose events gave way.")
    known: bool = described("That is a child of this node, or a node whose logs come through one.")
    refused: bool = described(
        "Not for this node to take: a child handed it back, or it gave way to the parent's history."
    )
    origin: str | None = described("Code of the node whose events it says to hold; null when it cannot be read.")
    epoch: Int64 | None = described("Life of that node's log, as it says.")
    channel: str | None = described("Kind of events, as it says.")
    first: Int64 | None = described("Number of its first event, as it says.")
    last: Int64 | None = described("Number of its last event, as it says.")
    size: int = described("In bytes.")
    state: QuarantineState = described("What became of it.")
    reason: str = described(_REASON)
    at: datetime = described("When it was kept.")
    note: str = described(_NOTE)
    settled_by: str = described("Who had it replayed or set aside; empty when it came again by itself.")
    settled_at: datetime | None = described("When that was done.")


@lens(model.DroppedBatches, description="How many held batches had to make room for newer ones.")
class DroppedBatches:
    """Batches that were dropped."""

    child: str = described("Code of the child; `*` for all who are none.")
    count: Int64 = described("How many, since the node has its database.")
    last_at: datetime = described("When the last of them went.")
