"""Refusals of shifts."""

from domain.shared.errors import Conflict, Forbidden, NotFound


class ShiftUnknown(NotFound):
    """There is no such shift here."""

    code = "SHIFT_UNKNOWN"


class ShiftOpenAlready(Conflict):
    """You have a shift already that has not ended."""

    code = "SHIFT_OPEN"


class ShiftNotYours(Forbidden):
    """A shift is ended by the officer whose it is."""

    code = "SHIFT_NOT_YOURS"


class ShiftStateForbids(Conflict):
    """A shift is ended once, and then taken over once."""

    code = "SHIFT_STATE"
