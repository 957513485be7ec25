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


class DirectionWordsMalformed(Invalid):
    """A device has at most 20 words for a direction, of 1 to 40 characters each, no word twice."""

    code = "DIRECTION_WORDS_MALFORMED"
