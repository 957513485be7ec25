"""Refusals of occurrences."""

from domain.shared.errors import Conflict, Invalid, NotFound


class OccurrenceUnknown(NotFound):
    """There is no such occurrence here."""

    code = "OCCURRENCE_UNKNOWN"


class OccurrenceEndedAlready(Conflict):
    """This is over already."""

    code = "OCCURRENCE_ENDED"


class OccurrenceTimeImpossible(Invalid):
    """This cannot have been in the future, nor have ended before it began."""

    code = "OCCURRENCE_TIME_IMPOSSIBLE"
