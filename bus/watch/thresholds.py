"""From when on something is a fault."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From when on something is a fault.

    Attributes:
        stuck_seconds: of what waits nothing has got on for so long though the parent answers.
        silent_seconds: a neighbour says nothing for so long.
        clock_seconds: a neighbour's clock is so far off.
        device_clock_seconds: a device's clock is so far off.
        certificate_days: a certificate has no longer than that.
        disk_percent: less than that of the disk is free.
        disk_pictures_percent, disk_pictures_mib: less is free, and a site gives up pictures.
        pictures_percent: so much of the disk may be pictures.
        disk_extras_percent, disk_extras_mib: less is free, and a site gives up what it can do without.
        disk_history_percent, disk_history_mib: less is free, and it gives up events that the centre holds, too.
        calm_seconds: a fault has to be gone for so long before it counts as ended.
        redial_seconds: the parent has not answered for so long, and is dialled anew.
    """

    stuck_seconds: int = 300
    silent_seconds: int = 120
    clock_seconds: int = 60
    device_clock_seconds: int = 10
    certificate_days: int = 30
    disk_percent: int = 10
    disk_pictures_percent: int = 8
    disk_pictures_mib: int = 1024
    pictures_percent: int = 30
    disk_extras_percent: int = 5
    disk_extras_mib: int = 512
    disk_history_percent: int = 3
    disk_history_mib: int = 256
    calm_seconds: int = 60
    redial_seconds: int = 180
