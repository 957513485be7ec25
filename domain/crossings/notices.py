"""What is odd about a crossing: told to its officer, never a reason to refuse."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.crossings.clearance import requirements
from domain.crossings.model import Crossing, CrossingState
from domain.crossings.parts import MemberRole, Parts
from domain.crossings.profiles import PROFILES

CAR_PERSONS = 9
_LATITUDES: Final = (48.0, 56.0)
_LONGITUDES: Final = (13.0, 25.0)
AXLES_DIFFER = 0.05
DECLARED_DIFFERS = 0.10
ROLE_UNUSUAL: Final = "role_unusual"
"""The one code that is about a registration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something odd.

    Attributes:
        code: what it is; it never changes.
        about: number of the part, id of the registration, code of the requirement, or how many; or empty.
    """

    code: str
    about: str = ""


def notices(crossing: Crossing) -> tuple[Notice, ...]:
    """Return what is odd about a crossing."""
    return (
        *_of_members(crossing),
        *_of_cargo(crossing.parts),
        *_of_weights(crossing.parts),
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


def _of_weights(parts: Parts) -> Iterator[Notice]:
    for weight in parts.weights:
        if weight.axles_kg and abs(sum(weight.axles_kg) - weight.total_kg) > AXLES_DIFFER * weight.total_kg:
            yield Notice(code="axles_differ", about=str(weight.number))
    goods = sum(line.gross_kg or 0 for line in parts.goods)
    measured = [weight.total_kg for weight in parts.weights if weight.measured]
    if measured and goods > max(measured) * (1 + DECLARED_DIFFERS):
        yield Notice(code="goods_heavier_than_weighed")


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
