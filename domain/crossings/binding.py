"""Which crossing a registration belongs to: one that is under way at most."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.crossings.errors import RegistrationBoundElsewhere
from domain.crossings.events import RegistrationBound
from domain.crossings.model import Crossing
from domain.crossings.parts import Member, MemberRole
from domain.shared.ports import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The crossing to which a registration was bound last.

    Attributes:
        id: of the registration.
    """

    id: str
    node: str
    crossing_id: str
    role: MemberRole


async def bind(members: Iterable[Member], crossing_id: str, change: Change) -> None:
    """Bind registrations to a crossing.

    Raises:
        RegistrationBoundElsewhere: one of them is a member of another crossing that is under way.
    """
    for member in members:
        bound = await change.entities.find(Binding, member.registration_id)
        if bound is not None and bound.crossing_id == crossing_id and bound.role is member.role:
            continue
        if bound is not None and bound.crossing_id != crossing_id:
            await _require_free(bound, change)
        await change.record(
            RegistrationBound(
                registration_id=member.registration_id, node=change.node, crossing_id=crossing_id, role=member.role
            )
        )


async def _require_free(bound: Binding, change: Change) -> None:
    other = await change.entities.find(Crossing, bound.crossing_id)
    if other is None or not other.is_under_way:
        return
    if any(member.registration_id == bound.id for member in other.parts.members):
        raise RegistrationBoundElsewhere(path=("members",), registration=bound.id, crossing=other.id)
