"""Which class of vehicle the words of vendors mean, one by one and together."""

from itertools import permutations

import pytest

from domain.organisation.events import VehicleClass
from domain.registrations.passage import voted_class
from domain.registrations.vehicle_classes import class_of

CAR, BUS, TRUCK, MOTORCYCLE = VehicleClass.CAR, VehicleClass.BUS, VehicleClass.TRUCK, VehicleClass.MOTORCYCLE


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Sedan", CAR),
        ("Big Truck", TRUCK),
        ("tractor-trailer", TRUCK),
        ("SUVMPV", CAR),
        ("largeBus", BUS),
        ("LARGE_BUS", BUS),
        ("twoWheelVehicle", MOTORCYCLE),
        ("Tricycle", VehicleClass.OTHER),
        ("Van", None),
        ("Pickup Truck", None),
        ("truck-standard", None),
        ("PassengerCar", None),
        ("pedestrian", None),
        ("", None),
        (None, None),
    ],
)
def test_a_word_means_a_class_or_none(word: str | None, meant: VehicleClass | None) -> None:
    assert class_of(word) is meant


@pytest.mark.parametrize(
    ("told", "voted"),
    [
        ([], None),
        ([("Van", 0.9), (None, 0.9)], None),
        ([("Bus", 0.4), ("Van", 0.9), (None, 0.9)], BUS),
        ([("Sedan", 0.5), ("SUV", 0.4), ("Bus", 0.8)], CAR),
        ([("Sedan", 0.1), ("SUV", 0.2), ("vehicle", 0.3), ("Bus", 0.6)], None),
    ],
)
def test_readings_vote_by_their_confidence_in_whatever_order(
    told: list[tuple[str | None, float]], voted: VehicleClass | None
) -> None:
    for order in permutations(told):
        assert voted_class(order) is voted
