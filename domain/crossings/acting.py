"""How an act on a crossing is begun and ended, whatever it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.crossings.binding import bind
from domain.crossings.errors import (
    CrossingChangedMeanwhile,
    CrossingFull,
    CrossingStateForbids,
    CrossingUnknown,
    MemberAlarmed,
    MemberNotChecked,
    MemberUnknown,
    ObjectTwice,
    RoleUnfit,
)
from domain.crossings.events import CrossingActed
from domain.crossings.model import ACTS_MAX, MOVES, Act, ActKind, Crossing
from domain.crossings.parts import FIT, NOTHING, Member, Parts
from domain.crossings.ports import CrossingsChange, Sighting
from domain.shared.errors import NotHere


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What an officer does with a crossing; see `Act`."""

    kind: ActKind
    reason: str = ""
    code: str = ""
    put: Parts = NOTHING
    took: Parts = NOTHING


async def at_hand(crossing_id: str, seen: int, change: CrossingsChange) -> Crossing:
    """Return a crossing of this site as its officer saw it.

    Raises:
        CrossingUnknown, NotHere: it is not one of this site.
        CrossingChangedMeanwhile: it is not as the officer saw it.
        CrossingFull: nothing more can be done with it.
    """
    crossing = await change.entities.find(Crossing, crossing_id)
    if crossing is None:
        raise CrossingUnknown(path=("crossingId",))
    if crossing.node != change.node:
        raise NotHere(crossing.node, path=("crossingId",))
    if crossing.version != seen:
        raise CrossingChangedMeanwhile(path=("seen",), version=crossing.version, officer=crossing.officer)
    if crossing.version >= ACTS_MAX:
        raise CrossingFull(path=("crossingId",), most=ACTS_MAX, would_be=ACTS_MAX + 1)
    return crossing


async def do(crossing: Crossing, deed: Deed, change: CrossingsChange) -> Crossing:
    """Put an act on record.

    Raises:
        CrossingStateForbids: the crossing is in no state for it.
        RegistrationBoundElsewhere: one of its members belongs to another crossing that is under way.
    """
    states, after = MOVES[deed.kind]
    if crossing.state not in states:
        raise CrossingStateForbids(path=("crossingId",), state=crossing.state.value)
    act = Act(
        number=crossing.version + 1,
        kind=deed.kind,
        by=change.actor.name,
        at=change.now,
        before=crossing.state,
        after=after or crossing.state,
        reason=deed.reason,
        code=deed.code,
        put=deed.put,
        took=deed.took,
    )
    return await put_on_record(crossing, act, change)


async def put_on_record(crossing: Crossing, act: Act, change: CrossingsChange) -> Crossing:
    """Record an act, and bind the members that it brings, or all where it takes up a crossing again.

    What is put into a crossing that is decided is bound, too: it cannot be under way in another one.

    Raises:
        RegistrationBoundElsewhere: one of them belongs to another crossing that is under way.
    """
    changed = crossing.after(act)
    is_taken_up = changed.is_under_way and not crossing.is_under_way
    await bind(changed.parts.members if is_taken_up else act.put.members, crossing.id, change)
    await change.record(CrossingActed(crossing_id=crossing.id, act=act))
    return changed


async def sightings(members: Sequence[Member], change: CrossingsChange) -> list[Sighting]:
    """Return what is known of members.

    Raises:
        MemberUnknown, RoleUnfit: one is not on record at this site, or cannot have its role.
    """
    found = await change.sightings.of([each.registration_id for each in members])
    for member in members:
        sighting = found.get(member.registration_id)
        if sighting is None or sighting.node != change.node:
            raise MemberUnknown(path=("members",), registration=member.registration_id)
        if member.role not in FIT.get(sighting.kind, frozenset()):
            raise RoleUnfit(path=("members",), registration=member.registration_id, kind=sighting.kind)
    return [found[member.registration_id] for member in members]


async def require_objects_once(before: Parts, put: Parts, change: CrossingsChange) -> None:
    """Refuse whom or what a crossing holds already by another registration: of one kind, and known by the same.

    Raises:
        ObjectTwice: somebody, or something, is put in once more.
    """
    if not put.members:
        return
    come = [each.registration_id for each in put.members]
    there = [each.registration_id for each in before.members if each.registration_id not in come]
    known = await change.sightings.of([*there, *come])
    seen = {(known[each].kind, known[each].label) for each in there if each in known}
    twice = []
    for each in come:
        called = known[each].kind, known[each].label
        if known[each].label and called in seen:
            twice.append(each)
        seen.add(called)
    if twice:
        raise ObjectTwice(path=("members",), registrations=tuple(twice))


async def require_clear(registration_ids: Sequence[str], change: CrossingsChange) -> None:
    """Refuse to let go what nobody has looked into.

    Raises:
        MemberNotChecked, MemberAlarmed: one was not screened, or there is an alarm for it that nobody has taken.
    """
    known = await change.sightings.of(registration_ids)
    unchecked = tuple(each for each in registration_ids if each in known and not known[each].checked)
    if unchecked:
        raise MemberNotChecked(path=("crossingId",), registrations=unchecked)
    alarmed = tuple(await change.sightings.alarmed(registration_ids))
    if alarmed:
        raise MemberAlarmed(path=("crossingId",), registrations=alarmed)
