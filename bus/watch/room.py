"""What a site gives up, and in which order, when its disk fills. Pure."""

from enum import IntEnum
from typing import Final

from bus.watch.condition import Disk
from bus.watch.thresholds import Thresholds

_MIB: Final = 1 << 20


class Shed(IntEnum):
    """What is given up; each includes those before it, and nothing else ever is.

    ``PICTURES``: no more pictures are kept, and the oldest go as far as needed.
    ``EXTRAS``: pushes that cannot be read are counted and no longer kept, neither body nor event.
    ``HISTORY``: events go that the centre has confirmed, however young, the oldest first and no more than needed.
    """

    NOTHING = 0
    PICTURES = 1
    EXTRAS = 2
    HISTORY = 3


def shed(disk: Disk | None, thresholds: Thresholds) -> Shed:
    """Return what is to be given up; nothing where the disk does not tell how full it is."""
    if disk is None:
        return Shed.NOTHING
    for step, percent, mib in (
        (Shed.HISTORY, thresholds.disk_history_percent, thresholds.disk_history_mib),
        (Shed.EXTRAS, thresholds.disk_extras_percent, thresholds.disk_extras_mib),
        (Shed.PICTURES, thresholds.disk_pictures_percent, thresholds.disk_pictures_mib),
    ):
        if disk.is_below(percent) or disk.left < mib * _MIB:
            return step
    return Shed.NOTHING


def room_for_pictures(held: int, disk: Disk | None, thresholds: Thresholds) -> int:
    """Return how many bytes all pictures together may have, where those that are ``held`` have so many now.

    At most their share of the disk, and no more than leaves free what has to be.
    """
    if disk is None:
        return held
    wanted = max(disk.room * thresholds.disk_pictures_percent // 100, thresholds.disk_pictures_mib * _MIB)
    lacking = max(0, wanted - disk.left)
    share = disk.room * thresholds.pictures_percent // 100
    return max(0, min(held - lacking, share)) if lacking else share
