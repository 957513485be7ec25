"""What is given up when a disk fills."""

import pytest

from bus.watch.condition import Disk
from bus.watch.room import Shed, shed
from bus.watch.thresholds import Thresholds

MIB, GIB = 1 << 20, 1 << 30
USUAL = Thresholds()


@pytest.mark.parametrize(
    ("free", "step"), [(50, Shed.NOTHING), (49, Shed.EXTRAS), (30, Shed.EXTRAS), (29, Shed.HISTORY), (0, Shed.HISTORY)]
)
def test_shares_decide_on_a_large_disk(free: int, step: Shed) -> None:
    assert shed(Disk(free=free * GIB, room=1000 * GIB), USUAL) is step


@pytest.mark.parametrize(
    ("free", "step"), [(512, Shed.NOTHING), (511, Shed.EXTRAS), (256, Shed.EXTRAS), (255, Shed.HISTORY)]
)
def test_bytes_decide_on_a_small_one(free: int, step: Shed) -> None:
    assert shed(Disk(free=free * MIB, room=1024 * MIB), USUAL) is step


def test_free_pages_within_the_files_count_as_room() -> None:
    assert shed(Disk(free=1, room=100 * GIB, reusable=20 * GIB), USUAL) is Shed.NOTHING


def test_a_disk_that_does_not_tell_is_not_full() -> None:
    assert shed(None, USUAL) is Shed.NOTHING
