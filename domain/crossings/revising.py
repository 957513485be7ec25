"""What an act puts into a crossing and takes out of it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from domain.crossings.clearance import concerned
from domain.crossings.errors import (
    CrossingFull,
    DocumentTwice,
    MemberTwice,
    PartsMissing,
    PartStandsAlready,
    PartUnknown,
)
from domain.crossings.model import DOCUMENTS_MAX, GOODS_MAX, MEMBERS_MAX, WEIGHTS_MAX, Crossing
from domain.crossings.parts import NOTHING, SINGLE, Parts, renumbered

_NUMBERED = ("goods", "documents", "weights")
_MOST = {"members": MEMBERS_MAX, "goods": GOODS_MAX, "documents": DOCUMENTS_MAX, "weights": WEIGHTS_MAX}


def added(crossing: Crossing, put: Parts) -> tuple[Parts, Parts]:
    """Return what is put and taken where ``put`` is new.

    Raises:
        PartStandsAlready: something of it is known otherwise.
        PartsMissing, MemberTwice, CrossingFull: it is nothing, says something twice, or is too much.
    """
    present = crossing.parts
    known: dict[str, Any] = {name: None for name in SINGLE if getattr(put, name) == getattr(present, name)}
    put = replace(put, members=tuple(each for each in put.members if each not in present.members), **known)
    if any(put.numbers) or _replaced(crossing, put) != NOTHING:
        raise PartStandsAlready(path=_at_fault(crossing, put))
    return _settled(crossing, put, NOTHING)


def corrected(
    crossing: Crossing, put: Parts, without: Collection[int], without_members: Collection[str]
) -> tuple[Parts, Parts]:
    """Return what is put and taken where ``put`` replaces what has its numbers, and what is ``without`` goes.

    Raises:
        PartUnknown: there is nothing of that number, or no such member.
        PartsMissing, MemberTwice, CrossingFull: it is nothing, says something twice, or is too much.
    """
    present = crossing.parts
    known = {each.registration_id for each in present.members}
    unknown = {*put.numbers, *without} - {0, *present.numbers} or set(without_members) - known
    if unknown:
        raise PartUnknown(path=("without",), parts=tuple(map(str, unknown)))
    gone = Parts(
        members=tuple(each for each in present.members if each.registration_id in without_members),
        **_of_numbers(present, without),
    )
    return _settled(crossing, put, _merged(_replaced(crossing, put), gone))


def require_documents_once(before: Parts, put: Parts) -> None:
    """Refuse a paper that is in a crossing already.

    Raises:
        DocumentTwice: one is.
    """
    replaced = set(put.numbers)
    shown = [each for each in before.documents if each.number not in replaced]
    counted = Counter((each.kind, each.canonical) for each in (*shown, *put.documents))
    twice = sorted({each.text for each in put.documents if counted[each.kind, each.canonical] > 1})
    if twice:
        raise DocumentTwice(path=("documents",), documents=tuple(twice))


def _settled(crossing: Crossing, put: Parts, took: Parts) -> tuple[Parts, Parts]:
    put = renumbered(put, crossing.next_number)
    if put == NOTHING and took == NOTHING:
        raise PartsMissing(path=("put",))
    ids = [each.registration_id for each in put.members]
    if len(ids) != len(set(ids)):
        raise MemberTwice(path=("members",))
    _require_room(crossing.parts.changed(put, took))
    stale = tuple(each for each in crossing.parts.checks if concerned(each.requirement, _merged(put, took)))
    return put, replace(took, checks=stale)


def _require_room(parts: Parts) -> None:
    for name, most in _MOST.items():
        if len(getattr(parts, name)) > most:
            raise CrossingFull(path=(name,), most=most, would_be=len(getattr(parts, name)))


def _replaced(crossing: Crossing, put: Parts) -> Parts:
    """Return what of a crossing ``put`` takes the place of."""
    present, ids = crossing.parts, {each.registration_id for each in put.members}
    numbers = set(put.numbers) - {0}
    return Parts(
        members=tuple(each for each in present.members if each.registration_id in ids),
        **_of_numbers(present, numbers),
        **{name: getattr(present, name) for name in SINGLE if getattr(put, name) is not None},
    )


def _at_fault(crossing: Crossing, put: Parts) -> tuple[str, ...]:
    replaced = _replaced(crossing, put)
    names = ("members", *_NUMBERED, *SINGLE)
    return tuple(name for name in names if getattr(replaced, name) != getattr(NOTHING, name))[:1]


def _merged(one: Parts, other: Parts) -> Parts:
    """Return what is in either of two."""
    both: dict[str, Any] = {
        name: tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name)))) for name in ("members", *_NUMBERED)
    }
    return replace(one, **both)


def _of_numbers(parts: Parts, numbers: Collection[int]) -> dict[str, Any]:
    return {name: tuple(each for each in getattr(parts, name) if each.number in numbers) for name in _NUMBERED}
