"""Refusals of the organisation."""

from domain.shared.errors import Conflict, Forbidden, Invalid, NotFound


class DeviceUnknown(NotFound):
    """There is no device of this code here."""

    code = "DEVICE_UNKNOWN"


class DeviceTaken(Conflict):
    """A device of this code is enrolled already."""

    code = "DEVICE_TAKEN"


class DeviceRefused(Forbidden):
    """No device of this code and key may push here."""

    code = "DEVICE_REFUSED"


class DeviceWithdrawnAlready(Conflict):
    """This device was taken out of service."""

    code = "DEVICE_WITHDRAWN"


class FormatUnknown(Invalid):
    """There is no such device format."""

    code = "FORMAT_UNKNOWN"


class CodeMalformed(Invalid):
    """A code is 1 to 40 lower-case letters, digits and hyphens, and begins with a letter."""

    code = "CODE_MALFORMED"


class SilenceImpossible(Invalid):
    """A device is silent after ten seconds to thirty days without a word."""

    code = "SILENCE_IMPOSSIBLE"


class MergeWindowImpossible(Invalid):
    """Readings of one vehicle are half a second to a minute apart at the most."""

    code = "MERGE_WINDOW_IMPOSSIBLE"


class DirectionWordsMalformed(Invalid):
    """A device has at most 20 words for a direction, of 1 to 40 characters each, no word twice."""

    code = "DIRECTION_WORDS_MALFORMED"


class CodeTaken(Conflict):
    """This code is in use, or was: a code is never given twice."""

    code = "CODE_TAKEN"


class PartUnknown(NotFound):
    """There is no such part of the organisation here."""

    code = "ORGANISATION_PART_UNKNOWN"


class PartEnded(Conflict):
    """This part of the organisation has ended."""

    code = "ORGANISATION_PART_ENDED"


class PartChangedMeanwhile(Conflict):
    """Somebody else has changed this part of the organisation meanwhile; look at it as it is now."""

    code = "ORGANISATION_PART_CHANGED"


class PartInUse(Conflict):
    """Something stands in it or refers to it that has not ended."""

    code = "ORGANISATION_PART_IN_USE"


class UnitsInCircle(Invalid):
    """A unit cannot be above itself."""

    code = "UNITS_IN_CIRCLE"


class CustomsCodeMalformed(Invalid):
    """The code of a customs branch is six digits."""

    code = "CUSTOMS_CODE_MALFORMED"


class CountryMalformed(Invalid):
    """A country is two capital letters."""

    code = "COUNTRY_MALFORMED"


class PositionImpossible(Invalid):
    """A latitude is -90 to 90 degrees, a longitude -180 to 180."""

    code = "POST_POSITION_IMPOSSIBLE"


class LegToItself(Invalid):
    """A leg leads from one checkpoint to another."""

    code = "LEG_TO_ITSELF"


class LongestImpossible(Invalid):
    """The longest time for a leg is one second to thirty days."""

    code = "LONGEST_IMPOSSIBLE"


class PeriodImpossible(Invalid):
    """It must end after it begins."""

    code = "PERIOD_IMPOSSIBLE"


class TonnageImpossible(Invalid):
    """A tonnage is 0 to 1,000,000 kg; heavier vehicles can pass empty only where there is one."""

    code = "TONNAGE_IMPOSSIBLE"


class PermittedTrafficUnknown(NotFound):
    """There is no such decision on permitted traffic here."""

    code = "PERMITTED_TRAFFIC_UNKNOWN"


class PermittedTrafficEndedAlready(Conflict):
    """What was decided has ended by then."""

    code = "PERMITTED_TRAFFIC_ENDED"
