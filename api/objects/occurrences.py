"""What happens at a site besides crossings."""

from datetime import datetime

import strawberry

from api.objects.lens import Node, described, id_of, lens, optional_id_of
from domain.occurrences import model
from domain.occurrences.model import OccurrenceKind

strawberry.enum(OccurrenceKind, description="What kind of thing happened.")


@lens(model.Statement, description="What an occurrence said before it was corrected.")
class OccurrenceStatement:
    """What was said before."""

    text: str = described("What was said to have happened.")
    at: datetime = described("When it was said to have happened.")
    corrected_by: str = described("Who corrected it.")
    corrected_at: datetime = described("When it was corrected.")
    reason: str = described("Why.")


@lens(model.Occurrence, description="Something that happened at a site besides a crossing.")
class Occurrence(Node):
    """An occurrence."""

    id: strawberry.ID = id_of("Occurrence")
    node: str = described("Code of the site, which alone may change it.")
    kind: OccurrenceKind = described("What kind of thing it is.")
    lane: str = described("Code of the lane; empty for the whole site.")
    text: str = described("What happened.")
    at: datetime = described("When it happened or began.")
    lasts: bool = described("It goes on: weather and closures, until somebody says that they are over.")
    ended_at: datetime | None = described("When it was over; null while it lasts, or for what does not last.")
    ended_by: str = described("Who said that it is over; empty while nobody has.")
    registration_id: strawberry.ID | None = optional_id_of(
        "Registration", "registration_id", "The registration of the object it is about, if any."
    )
    recorded_by: str = described("Who put it on record.")
    recorded_at: datetime = described("When it was put on record.")
    corrections: int = described("How often it was corrected.")
    earlier: list[OccurrenceStatement] = described("What it said before that, oldest first; the newest 50.")
