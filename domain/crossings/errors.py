"""Refusals of crossings."""

from domain.shared.errors import Conflict, Expired, Forbidden, Invalid, NotFound


class CrossingUnknown(NotFound):
    """There is no such crossing here."""

    code = "CROSSING_UNKNOWN"


class CrossingChangedMeanwhile(Conflict):
    """Somebody else has changed this crossing meanwhile; look at it as it is now."""

    code = "CROSSING_CHANGED"


class CrossingStateForbids(Conflict):
    """In the state that it is in this cannot be done with the crossing."""

    code = "CROSSING_STATE"


class CrossingFull(Conflict):
    """A crossing does not hold so many of these; open another one for the rest."""

    code = "CROSSING_FULL"


class PartStandsAlready(Conflict):
    """This is known already; what is wrong of it is corrected, with a reason."""

    code = "PART_STANDS"


class PartUnknown(NotFound):
    """The crossing has no such part."""

    code = "PART_UNKNOWN"


class PartsMissing(Invalid):
    """Say what is to be put into the crossing, or taken out of it."""

    code = "PARTS_MISSING"


class SubsystemUnfit(Invalid):
    """Crossings are of SOC-O, SOC-T, SOC-P and SOC-M; trains and visits have records of their own."""

    code = "SUBSYSTEM_UNFIT"


class MemberUnknown(NotFound):
    """There is no such registration at this site."""

    code = "MEMBER_UNKNOWN"


class MemberTwice(Invalid):
    """This registration is named twice."""

    code = "MEMBER_TWICE"


class RoleUnfit(Invalid):
    """What was registered cannot have this role."""

    code = "ROLE_UNFIT"


class RegistrationBoundElsewhere(Conflict):
    """This registration is a member of another crossing that is under way."""

    code = "REGISTRATION_BOUND"


class DocumentTwice(Conflict):
    """This document is in the crossing already; confirm that it is shown twice."""

    code = "DOCUMENT_TWICE"


class ObjectTwice(Conflict):
    """Another registration of the same person or thing is in the crossing already; confirm that they are two."""

    code = "OBJECT_TWICE"


class MassImpossible(Invalid):
    """A mass is more than nothing and at most 5,000,000 kilograms, and packages are not fewer than none."""

    code = "MASS_IMPOSSIBLE"


class AmountImpossible(Invalid):
    """An amount or a number is not less than nothing, and at most 1,000,000,000."""

    code = "AMOUNT_IMPOSSIBLE"


class PositionImpossible(Invalid):
    """A latitude is from -90 to 90 degrees, a longitude from -180 to 180."""

    code = "POSITION_IMPOSSIBLE"


class CrossingTimeImpossible(Invalid):
    """A crossing is neither in the future nor longer than thirty days ago."""

    code = "CROSSING_TIME_IMPOSSIBLE"


class RequirementUnknown(NotFound):
    """Nothing of the kind is required of this crossing."""

    code = "REQUIREMENT_UNKNOWN"


class ResultUnfit(Invalid):
    """A check has a result or is waived; to override is a decision of its own."""

    code = "RESULT_UNFIT"


class CrossingIncomplete(Conflict):
    """The crossing lacks what must be known before it is released."""

    code = "CROSSING_INCOMPLETE"


class ClearanceOpen(Conflict):
    """Not all that is required has been checked and found satisfactory."""

    code = "CLEARANCE_OPEN"


class MemberAlarmed(Conflict):
    """For a member of the crossing there is an alarm that nobody has taken."""

    code = "MEMBER_ALARMED"


class MemberNotChecked(Conflict):
    """A member of the crossing has not been checked against the watchlist."""

    code = "MEMBER_NOT_CHECKED"


class ActNotYours(Forbidden):
    """An act is undone by the officer who did it."""

    code = "ACT_NOT_YOURS"


class ActNotUndone(Conflict):
    """This cannot be undone; correct, cancel or reopen the crossing."""

    code = "ACT_NOT_UNDONE"


class UndoTooLate(Expired):
    """An act can be undone for ten minutes."""

    code = "UNDO_TOO_LATE"


class SeenSince(Conflict):
    """A vehicle of the crossing has been seen since at a later checkpoint or crossing."""

    code = "SEEN_SINCE"
