"""Messages of what is registered."""

from bus.catalogue.entries import FACTS, TECHNICAL, EntityEntry, Reaction, Shows, always, command, event
from domain.alarms.handlers import (
    raise_for_class,
    raise_for_country,
    raise_for_filled_quarantine,
    raise_for_linked_passages,
    raise_for_mass,
    raise_for_person,
    raise_for_radiation,
    raise_for_screening,
    raise_for_seen_train,
    raise_for_traffic,
)
from domain.alarms.raising import calls_for_alarm, is_radiation_alarm, tells_country
from domain.registrations import measuring, pairs
from domain.registrations.commands import (
    CorrectRegistration,
    QuarantinePush,
    RegisterCargoUnit,
    RegisterPerson,
    RegisterPersonByHand,
    RegisterVehicle,
    ScreenAgain,
    SetPushAside,
    TakeReadings,
)
from domain.registrations.correcting import correct_registration
from domain.registrations.events import (
    MeasurementPlaced,
    PassagesLinked,
    PicturesAdded,
    PushQuarantined,
    PushReplayed,
    PushSetAside,
    QuarantineFilled,
    RadiationTaken,
    ReadingTaken,
    Registered,
    RegistrationCorrected,
    Rescreened,
    TrainSeen,
    VehiclesPaired,
    VehiclesParted,
    WeighingTaken,
)
from domain.registrations.handlers import (
    not_checked,
    register_cargo_unit,
    register_person,
    register_person_by_hand,
    register_vehicle,
    screen_again,
    screen_unchecked,
)
from domain.registrations.intake import Taken, take_readings
from domain.registrations.measurements import Measurement
from domain.registrations.model import ObjectKind, Registration, TrainSighting, VehiclePair
from domain.registrations.quarantine import quarantine_push, set_push_aside
from domain.registrations.trains import begin as begin_sighting
from domain.trains.passing import is_of_train, take_code, take_sighting
from domain.visits.following import (
    follow,
    follow_front,
    is_from_the_front,
    is_of_a_vehicle,
    is_plate,
    join_linked,
    take_class,
)
from domain.visits.pairing import pair_up
from domain.visits.pairing import part as part_visit
from domain.visits.weighing import is_placed, is_weighing, take_weight

COMMANDS = (
    command(TakeReadings, take_readings, tuple[Taken, ...], lambda c, _: c.push_id or c.device),
    command(QuarantinePush, quarantine_push, str | None, lambda c, _: c.device),
    command(SetPushAside, set_push_aside, None, lambda c, _: c.push_id),
    command(RegisterVehicle, register_vehicle, Registration, lambda c, a: a.id if a else (c.plate or c.vin)[:40]),
    command(RegisterPerson, register_person, Registration, lambda _, a: a.id if a else "person"),
    command(RegisterPersonByHand, register_person_by_hand, Registration, lambda _, a: a.id if a else "person"),
    command(RegisterCargoUnit, register_cargo_unit, Registration, lambda c, a: a.id if a else c.code[:40]),
    command(CorrectRegistration, correct_registration, Registration, lambda c, _: c.registration_id),
    command(ScreenAgain, screen_again, Registration, lambda c, _: c.registration_id),
)

_screened = Reaction(handler=raise_for_screening, when=calls_for_alarm)
_vehicle = Reaction(handler=raise_for_traffic, when=lambda e: e.registration.kind is ObjectKind.VEHICLE)
_country = Reaction(handler=raise_for_country, when=tells_country)
_person = Reaction(handler=raise_for_person, when=lambda e: e.registration.kind is ObjectKind.PERSON)
_unchecked = Reaction(handler=screen_unchecked, when=not_checked)
_linked = Reaction(handler=raise_for_linked_passages, when=lambda _: True)
_code = Reaction(handler=take_code, when=is_of_train)
_train = Reaction(handler=take_sighting, when=lambda _: True)
_filled = Reaction(handler=raise_for_filled_quarantine, when=lambda _: True)

_radiation = Reaction(handler=raise_for_radiation, when=is_radiation_alarm)
_measurement = Shows(
    entity=Measurement,
    key=lambda e: e.measurement.id,
    fold=measuring.begin,
    begins=True,
    erased_with=lambda e: (e.measurement.registration_id,),
)

_follow = Reaction(handler=follow, when=is_of_a_vehicle)
_front = Reaction(handler=follow_front, when=is_from_the_front)
_joined = Reaction(handler=join_linked, when=lambda _: True)

EVENTS = (
    event(
        "ReadingTaken",
        ReadingTaken,
        always(FACTS),
        take_code=_code,
        visit=Reaction(handler=take_class, when=is_plate),
        visit_front=_front,
        ask_if_permitted=Reaction(handler=raise_for_class, when=is_plate),
    ),
    event("PicturesAdded", PicturesAdded, always(FACTS)),
    event(
        "Registered",
        Registered,
        always(FACTS),
        raise_alarms=_screened,
        screen=_unchecked,
        visit=_follow,
        ask_if_permitted=_vehicle,
        ask_if_person_permitted=_person,
    ),
    event(
        "Rescreened",
        Rescreened,
        always(FACTS),
        raise_alarms=_screened,
        screen=_unchecked,
        ask_if_permitted=_country,
    ),
    event(
        "RegistrationCorrected",
        RegistrationCorrected,
        always(FACTS),
        raise_alarms=_screened,
        screen=_unchecked,
        ask_if_permitted=_country,
    ),
    event("PassagesLinked", PassagesLinked, always(FACTS), raise_alarms=_linked, visit=_joined),
    event(
        "VehiclesPaired",
        VehiclesPaired,
        always(FACTS),
        Shows(
            entity=VehiclePair,
            key=lambda e: e.pair.id,
            fold=pairs.begin,
            begins=True,
            erased_with=lambda e: (e.pair.tractor, e.pair.trailer),
        ),
        visit=Reaction(handler=pair_up, when=lambda _: True),
    ),
    event(
        "VehiclesParted",
        VehiclesParted,
        always(FACTS),
        Shows(
            entity=VehiclePair,
            key=lambda e: e.pair_id,
            fold=pairs.part,
            erased_with=lambda e: (e.tractor, e.trailer),
        ),
        visit=Reaction(handler=part_visit, when=lambda _: True),
    ),
    event(
        "TrainSeen",
        TrainSeen,
        always(FACTS),
        Shows(entity=TrainSighting, key=lambda e: e.sighting.id, fold=begin_sighting, begins=True),
        take_train=_train,
        ask_if_permitted=Reaction(handler=raise_for_seen_train, when=lambda _: True),
    ),
    event(
        "WeighingTaken",
        WeighingTaken,
        always(FACTS),
        _measurement,
        visit=Reaction(handler=take_weight, when=is_placed),
        ask_if_permitted=Reaction(handler=raise_for_mass, when=is_placed),
    ),
    event("RadiationTaken", RadiationTaken, always(FACTS), _measurement, raise_alarms=_radiation),
    event(
        "MeasurementPlaced",
        MeasurementPlaced,
        always(FACTS),
        Shows(
            entity=Measurement,
            key=lambda e: e.measurement_id,
            fold=measuring.place,
            erased_with=lambda e: (e.registration_id,),
        ),
        raise_alarms=_radiation,
        visit=Reaction(handler=take_weight, when=is_weighing),
        ask_if_permitted=Reaction(handler=raise_for_mass, when=is_weighing),
    ),
    event("PushQuarantined", PushQuarantined, always(TECHNICAL)),
    event("PushReplayed", PushReplayed, always(TECHNICAL)),
    event("PushSetAside", PushSetAside, always(TECHNICAL)),
    event("QuarantineFilled", QuarantineFilled, always(TECHNICAL), raise_alarms=_filled),
)

ENTITIES: tuple[EntityEntry, ...] = (
    EntityEntry(
        type=Measurement,
        table="measurement",
        columns={
            "device": "text",
            "vendor_id": "text",
            "checkpoint": "text",
            "at": "instant",
            "registration_id": "id",
            "received_at": "instant",
            "is_pictured": "flag",
        },
        indexes=(
            ("device", "vendor_id"),
            ("checkpoint", "at"),
            ("registration_id",),
            ("is_pictured", "received_at"),
        ),
    ),
    EntityEntry(
        type=VehiclePair,
        table="vehicle_pair",
        columns={"tractor": "id", "trailer": "id", "holds": "flag"},
        indexes=(("tractor",), ("trailer",)),
    ),
    EntityEntry(
        type=TrainSighting,
        table="train_sighting",
        columns={"device": "text", "vendor_id": "text", "checkpoint": "text", "train": "text", "track": "text"},
        indexes=(("device", "vendor_id"), ("node", "train")),
    ),
)
