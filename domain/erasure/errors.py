"""Refusals of the erasure."""

from domain.shared.errors import Conflict, Invalid, NotFound


class NothingToErase(NotFound):
    """Nothing that can be erased is on record under this id."""

    code = "NOTHING_TO_ERASE"


class EntryStillSought(Conflict):
    """A watchlist entry is withdrawn, or expired, before it is erased."""

    code = "ENTRY_STILL_SOUGHT"


class IdsOutOfRange(Invalid):
    """At least one and at most 100 objects are erased at once."""

    code = "IDS_OUT_OF_RANGE"
