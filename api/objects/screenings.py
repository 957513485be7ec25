"""What was found when registrations were matched against the watchlist."""

import strawberry

from api.numbers import Int64
from api.objects.lens import described, id_of, lens
from domain.registrations import model
from domain.registrations.model import ScreeningOutcome

strawberry.enum(
    ScreeningOutcome,
    description="Whether the object was checked. NOT_CHECKED is a technical failure, never the absence of a match.",
)


@lens(model.FeedVersion, description="How far a feed of watchlist entries had been applied when an object was checked.")
class FeedVersion:
    """A feed and its state."""

    feed: str = described("Name of the feed.")
    epoch: str = described("Epoch of the feed's log.")
    seq: Int64 = described("Newest event that was applied.")
    hash: str = described("Hash of the chain at that event, in hexadecimal.")


@lens(model.Match, description="A registration meets a criterion of a watchlist entry.")
class Match:
    """A match and its explanation."""

    entry_id: strawberry.ID = id_of("WatchlistEntry", "entry_id", "The entry that was met.")
    kind: str = described("Kind of the identifier: `plate` or `document`.")
    key: str = described("Which spelling was equal: `exact` or `folded` (look-alikes).")
    tier: str = described("Strength of the evidence, T1 (strongest) to T4.")
    raw: str = described("What the device or officer gave.")
    read: str = described("Its canonical form.")
    matched: str = described("The canonical form of the entry's criterion.")
    differences: list[int] = described("Positions, from 0, at which `read` and `matched` differ.")
    title: str = described("Title of the entry, as it was then.")
    category: str = described("What the entry asks to do, as it was then.")
    priority: int = described("Priority of the entry, 1 (highest) to 3.")
    instructions: str = described("What the officer is told, as it was then.")


@lens(model.Screening, description="The result of matching, and against which state of the watchlist.")
class Screening:
    """A screening."""

    outcome: ScreeningOutcome = described("Whether the object was checked.")
    list_version: list[FeedVersion] = described("State of every feed it was checked against: proof of a no-hit.")
    matches: list[Match] = described("What was met.")
    reason: str = described("Why the object could not be checked; empty when it was.")
