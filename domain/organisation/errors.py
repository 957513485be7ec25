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
