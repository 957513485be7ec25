"""Refusals of occurrences."""

from domain.shared.errors import Conflict, Invalid, NotFound


class OccurrenceUnknown(NotFound):
    """There is no such occurrence here."""

    code = "OCCURRENCE_UNKNOWN"


class OccurrenceObjectUnknown(NotFound):
    """The object that this should be about is not on record here."""

    code = "OCCURRENCE_OBJECT_UNKNOWN"


class OccurrenceEndedAlready(Conflict):
    """This is over already."""

    code = "OCCURRENCE_ENDED"


class OccurrenceTimeImpossible(Invalid):
    """This cannot have been in the future, nor have ended before it began."""

    code = "OCCURRENCE_TIME_IMPOSSIBLE"
