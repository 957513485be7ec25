from datetime import UTC, datetime

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Push, PushUnreadable
from sites.demo.cameras import SHAPES, Shot, Sight
from sites.demo.junk import KINDS, junk

AT = datetime(2026, 7, 1, 12, 30, 15, 250_000, UTC)
SIGHT = Sight(camera="in-1", number=7, plate="WPR10234", country="PL", kind="Big Truck", confidence=0.87, at=AT)
ALL_SHAPES = [(form, number) for form, shapes in SHAPES.items() for number in range(len(shapes))]


def push(shot: Shot) -> Push:
    return Push(content_type=shot.content_type, body=shot.body)


def test_every_shape_is_of_a_format() -> None:
    assert set(SHAPES) <= set(FORMATS)


@pytest.mark.parametrize(("form", "number"), ALL_SHAPES)
def test_what_a_camera_pushes_is_what_it_saw(form: str, number: int) -> None:
    (seen,) = FORMATS[form].read(push(SHAPES[form][number](SIGHT))).seen
    assert (seen.plate.upper(), seen.country.upper(), seen.vehicle_type) == ("WPR10234", "PL", "Big Truck")
    assert (seen.confidence, seen.device_time) == (pytest.approx(0.87), AT)


@pytest.mark.parametrize(("form", "number"), ALL_SHAPES)
def test_two_sights_are_told_apart(form: str, number: int) -> None:
    later = Sight(camera="in-1", number=8, plate="WPR10234", country="PL", kind="Big Truck", confidence=0.87, at=AT)
    ids = {FORMATS[form].read(push(SHAPES[form][number](sight))).seen[0].vendor_id for sight in (SIGHT, later)}
    assert len(ids) == 2


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("number", range(len(KINDS)), ids=lambda number: KINDS[number][0].partition(";")[0])
def test_no_format_reads_junk(form: str, number: int) -> None:
    with pytest.raises(PushUnreadable):
        FORMATS[form].read(push(junk(number)))


def test_no_two_pieces_of_junk_are_the_same() -> None:
    assert len({junk(number).body for number in range(100)}) == 100
