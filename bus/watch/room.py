"""What a site gives up, and in which order, when its disk fills. Pure."""

from enum import IntEnum
from typing import Final

from bus.watch.condition import Disk
from bus.watch.thresholds import Thresholds

_MIB: Final = 1 << 20


class Shed(IntEnum):
    """What is given up; each includes those before it, and nothing else ever is.

    ``EXTRAS``: pushes that cannot be read are counted and no longer kept, neither body nor event.
    ``HISTORY``: events go that the centre has confirmed, however young, the oldest first and no more than needed.
    """

    NOTHING = 0
    EXTRAS = 1
    HISTORY = 2


def shed(disk: Disk | None, thresholds: Thresholds) -> Shed:
    """Return what is to be given up; nothing where the disk does not tell how full it is."""
    if disk is None:
        return Shed.NOTHING
    for step, percent, mib in (
        (Shed.HISTORY, thresholds.disk_history_percent, thresholds.disk_history_mib),
        (Shed.EXTRAS, thresholds.disk_extras_percent, thresholds.disk_extras_mib),
    ):
        if disk.is_below(percent) or disk.left < mib * _MIB:
            return step
    return Shed.NOTHING
