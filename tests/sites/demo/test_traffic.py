from collections import Counter

import pytest

from domain.identifiers.edits import one_edit_apart
from domain.identifiers.identifier import fold
from domain.identifiers.plates import plate
from sites.demo.traffic import NEAR, POSTS, Traffic

MANY = 3000


@pytest.mark.parametrize("post", POSTS)
def test_kinds_and_directions_keep_the_proportions_of_the_border(post: str) -> None:
    traffic = Traffic(post, seed=1)
    drawn = Counter((vehicle.kind, vehicle.direction) for vehicle in (traffic.vehicle() for _ in range(MANY)))
    for flow in POSTS[post].flows:
        expected = flow.per_day / POSTS[post].per_day
        assert drawn[flow.kind, flow.direction] / MANY == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("post", POSTS)
def test_plates_have_the_shape_of_their_country(post: str) -> None:
    traffic = Traffic(post, seed=2)
    vehicles = [traffic.vehicle() for _ in range(500)]
    assert [each for each in vehicles if plate(each.plate, each.country).check != "holds"] == []
    assert {each.country for each in vehicles} == set(POSTS[post].countries)


def test_the_same_seed_draws_the_same_vehicles() -> None:
    one, same, other = (Traffic("dorohusk", seed) for seed in (3, 3, 4))
    drawn = [[traffic.vehicle() for _ in range(50)] for traffic in (one, same, other)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_no_camera_confuses_vehicles_that_follow_each_other() -> None:
    traffic = Traffic("koroszczyn", seed=5)
    folded = [fold(traffic.vehicle().plate) for _ in range(NEAR)]
    assert not any(one_edit_apart(one, other) for place, one in enumerate(folded) for other in folded[:place])


def test_a_look_alike_differs_and_folds_to_the_same() -> None:
    traffic = Traffic("dorohusk", seed=6)
    read = traffic.look_alike("WPR10234")
    assert read != "WPR10234"
    assert fold(read) == fold("WPR10234")


def test_a_plate_without_look_alikes_is_read_as_it_is() -> None:
    assert Traffic("dorohusk", seed=7).look_alike("KAT4967") == "KAT4967"


def test_some_plates_are_misread() -> None:
    traffic = Traffic("dorohusk", seed=8)
    reads = Counter(traffic.misread("WPR10234") == "WPR10234" for _ in range(MANY))
    assert reads[False] / MANY == pytest.approx(0.15, abs=0.03)
