"""What is odd about a crossing: told to its officer, never a reason to refuse."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.crossings.clearance import requirements
from domain.crossings.measured import Measured, Weighing, typed
from domain.crossings.model import Crossing, CrossingState
from domain.crossings.parts import MemberRole, Parts, Weight
from domain.crossings.profiles import HAULING, PROFILES
from domain.organisation.events import Objection, PermittedTraffic, Traffic, TrafficKind, VehicleClass, reasons_against

CAR_PERSONS = 9
_LATITUDES: Final = (48.0, 56.0)
_LONGITUDES: Final = (13.0, 25.0)
AXLES_DIFFER = 0.05
DECLARED_DIFFERS = 0.10
TYPED_DIFFERS = 0.05
ROLE_UNUSUAL: Final = "role_unusual"
RADIATION_ALARM: Final = "radiation_alarm"
SCALE_AXLES_DIFFER: Final = "scale_axles_differ"
OF_REGISTRATIONS: Final = frozenset({ROLE_UNUSUAL, RADIATION_ALARM})
OF_MEASUREMENTS: Final = frozenset({SCALE_AXLES_DIFFER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something odd.

    Attributes:
        code: what it is; it never changes.
        about: number of the part, id of the registration or of the measurement, code of the requirement, or how many;
            the decree; or empty.
    """

    code: str
    about: str = ""


def notices(crossing: Crossing, by_devices: Measured) -> tuple[Notice, ...]:
    """Return what is odd about a crossing, and about what devices measured of it."""
    return (
        *_of_members(crossing),
        *(Notice(code=RADIATION_ALARM, about=each) for each in by_devices.radiating),
        *_of_cargo(crossing.parts),
        *_of_weights(crossing.parts.weights),
        *_of_weighings(crossing, by_devices),
        *_of_place(crossing.parts),
        *_of_its_release(crossing),
    )


def _of_members(crossing: Crossing) -> Iterator[Notice]:
    profile, persons = PROFILES[crossing.subsystem], len(crossing.persons)
    roles = {member.role for member in crossing.parts.members}
    usual = CAR_PERSONS if MemberRole.CAR in roles and MemberRole.BUS not in roles else profile.persons_usual
    if persons > usual:
        yield Notice(code="persons_many", about=str(persons))
    for member in crossing.parts.members:
        if member.role not in profile.roles:
            yield Notice(code=ROLE_UNUSUAL, about=member.registration_id)


def _of_cargo(parts: Parts) -> Iterator[Notice]:
    for line in parts.goods:
        for doubt in line.doubts:
            yield Notice(code=f"goods_{doubt}_doubtful", about=str(line.number))
        if line.gross_kg is None:
            yield Notice(code="goods_without_mass", about=str(line.number))
        if not line.code:
            yield Notice(code="goods_without_code", about=str(line.number))
    if parts.empty and parts.goods:
        yield Notice(code="empty_with_goods")
    for document in parts.documents:
        if document.check == "fails":
            yield Notice(code="document_check_failed", about=str(document.number))


def _of_weights(weights: Iterable[Weight]) -> Iterator[Notice]:
    for weight in weights:
        if _axles_differ(weight):
            yield Notice(code="axles_differ", about=str(weight.number))


def _of_weighings(crossing: Crossing, by_devices: Measured) -> Iterator[Notice]:
    """Tell what is odd about measured weights; where a scale spoke nothing that was typed stands in for it."""
    scale = by_devices.weighing
    if scale is not None and _axles_differ(scale):
        yield Notice(code=SCALE_AXLES_DIFFER, about=scale.measurement_id or "")
    for weighing in typed(crossing):
        if scale is not None and abs(weighing.total_kg - scale.total_kg) > TYPED_DIFFERS * scale.total_kg:
            yield Notice(code="typed_weight_differs", about=str(weighing.number))
    heaviest = _mass_kg(crossing, by_devices)
    goods = sum(line.gross_kg or 0 for line in crossing.parts.goods)
    if heaviest is not None and goods > heaviest * (1 + DECLARED_DIFFERS):
        yield Notice(code="goods_heavier_than_weighed")


def _mass_kg(crossing: Crossing, by_devices: Measured) -> float | None:
    """Return what a crossing weighs: as a scale said, else the most that an officer typed as measured."""
    if by_devices.weighing is not None:
        return by_devices.weighing.total_kg
    return max((each.total_kg for each in typed(crossing)), default=None)


def asks_what_is_permitted(crossing: Crossing, by_devices: Measured) -> bool:
    """Tell whether what its post permits matters to `of_mass`."""
    is_freight = PROFILES[crossing.subsystem].traffic is TrafficKind.ROAD_FREIGHT
    return is_freight and bool(crossing.lane) and not crossing.parts.empty and bool(_mass_kg(crossing, by_devices))


def of_mass(crossing: Crossing, by_devices: Measured, decided: Sequence[PermittedTraffic]) -> tuple[Notice, ...]:
    """Return that freight is too heavy for its post unless it is empty, which nobody has said it is.

    Args:
        crossing: of which `asks_what_is_permitted` says so.
        by_devices: what was measured of it.
        decided: all that was decided of the post of its lane.
    """
    traffic = Traffic(
        direction=crossing.direction,
        kinds=(PROFILES[crossing.subsystem].traffic,),
        vehicle_class=VehicleClass.TRUCK if crossing.members(HAULING) else None,
        mass_kg=_mass_kg(crossing, by_devices),
        is_empty=False,
    )
    return tuple(
        Notice(code="heavier_only_empty", about=each.decision.decree)
        for each in reasons_against(decided, traffic, crossing.parts.at or crossing.opened_at)
        if each.objection is Objection.TONNAGE and each.decision is not None and each.decision.heavier_empty
    )


def _axles_differ(weight: Weight | Weighing) -> bool:
    return bool(weight.axles_kg) and abs(sum(weight.axles_kg) - weight.total_kg) > AXLES_DIFFER * weight.total_kg


def _of_place(parts: Parts) -> Iterator[Notice]:
    where = parts.position
    if where is None:
        return
    in_latitude = _LATITUDES[0] <= where.latitude <= _LATITUDES[1]
    if not (in_latitude and _LONGITUDES[0] <= where.longitude <= _LONGITUDES[1]):
        yield Notice(code="position_abroad")


def _of_its_release(crossing: Crossing) -> Iterator[Notice]:
    if crossing.state is CrossingState.RELEASED:
        for requirement in requirements(crossing):
            if not requirement.is_satisfied:
                yield Notice(code="released_without_clearance", about=requirement.code)
