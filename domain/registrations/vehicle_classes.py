"""Which class of vehicle a vendor's word means: one table for all vendors."""

from collections.abc import Mapping
from typing import Final

from domain.organisation.events import VehicleClass

_CARS: Final = """
    car saloon sedan SUV
    SaloonCar MPV
    vehicle SUVMPV smallCar miniCar coupe hatchback
    sedan-compact sedan-convertible sedan-sports sedan-standard sedan-wagon
    suv-crossover suv-standard suv-wagon van-mini
    PassengerVehicle
"""
_BUSES: Final = "bus coach largeBus mediumBus MidPassengerCar SchoolBus"
_TRUCKS: Final = """
    truck lorry BigTruck HeavyTruck
    LargeTruck MidTruck MicroTruck
    buggy miniTruck containerTruck slagTruck oilTankTruck concreteMixer platformTrailer
    tractor-trailer
"""
_MOTORCYCLES: Final = "motorcycle motorbike twoWheelVehicle LightMotorcycle DualTriWheelMotorcycle"
_OTHERS: Final = """
    threeWheelVehicle crane
    Tricycle VanTricycle MannedConvertibleTricycle NoMannedConvertibleTricycle Tractor Excavator Bulldozer
"""


def class_of(word: str | None) -> VehicleClass | None:
    """Return the class that a vendor's word means, however it is spelled; None for a word that is not in the table.

    Left out on purpose are words that may mean more than one class: a van, a pick-up or a minibus is a car, a truck or
    a bus by its papers, ``PassengerCar`` is a coach to one vendor, and ``truck-standard`` a pick-up to another.
    """
    return None if word is None else _CLASSES.get(_plain(word))


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))


_CLASSES: Final[Mapping[str, VehicleClass]] = {
    _plain(word): meant
    for meant, words in {
        VehicleClass.CAR: _CARS,
        VehicleClass.BUS: _BUSES,
        VehicleClass.TRUCK: _TRUCKS,
        VehicleClass.MOTORCYCLE: _MOTORCYCLES,
        VehicleClass.OTHER: _OTHERS,
    }.items()
    for word in words.split()
}
