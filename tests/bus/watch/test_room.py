"""What is given up when a disk fills."""

import pytest

from bus.watch.condition import Disk
from bus.watch.room import Shed, room_for_pictures, shed
from bus.watch.thresholds import Thresholds

MIB, GIB = 1 << 20, 1 << 30
USUAL = Thresholds()


@pytest.mark.parametrize(
    ("free", "step"),
    [
        (80, Shed.NOTHING),
        (79, Shed.PICTURES),
        (50, Shed.PICTURES),
        (49, Shed.EXTRAS),
        (30, Shed.EXTRAS),
        (29, Shed.HISTORY),
        (0, Shed.HISTORY),
    ],
)
def test_shares_decide_on_a_large_disk(free: int, step: Shed) -> None:
    assert shed(Disk(free=free * GIB, room=1000 * GIB), USUAL) is step


@pytest.mark.parametrize(
    ("free", "step"),
    [
        (1024, Shed.NOTHING),
        (1023, Shed.PICTURES),
        (512, Shed.PICTURES),
        (511, Shed.EXTRAS),
        (256, Shed.EXTRAS),
        (255, Shed.HISTORY),
    ],
)
def test_bytes_decide_on_a_small_one(free: int, step: Shed) -> None:
    assert shed(Disk(free=free * MIB, room=2048 * MIB), USUAL) is step


def test_free_pages_within_the_files_count_as_room() -> None:
    assert shed(Disk(free=1, room=100 * GIB, reusable=20 * GIB), USUAL) is Shed.NOTHING


def test_a_disk_that_does_not_tell_is_not_full() -> None:
    assert shed(None, USUAL) is Shed.NOTHING


def test_pictures_have_their_share_of_a_disk_with_room() -> None:
    assert room_for_pictures(0, Disk(free=900 * GIB, room=1000 * GIB), USUAL) == 300 * GIB
    assert room_for_pictures(7 * GIB, None, USUAL) == 7 * GIB


@pytest.mark.parametrize(("held", "room"), [(50, 20), (30, 0), (10, 0)])
def test_pictures_give_way_until_what_has_to_be_free_is(held: int, room: int) -> None:
    assert room_for_pictures(held * GIB, Disk(free=50 * GIB, room=1000 * GIB), USUAL) == room * GIB
