"""What becomes of what could not be taken: a push of a device, an event of another node, a batch of events."""

from enum import StrEnum


class QuarantineState(StrEnum):
    """What became of it."""

    HELD = "held"
    REPLAYED = "replayed"
    SET_ASIDE = "set_aside"
