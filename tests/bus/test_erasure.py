"""Whichever event says who was there goes with the registrations that it is about: over all of the catalogue."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from bus.catalogue import EVENTS
from bus.erasure import subjects_of
from domain.shared.messages import Event
from domain.visits.model import Weight
from tests.samples import MORNING, new_id

REGISTRATIONS: Final = frozenset({"registration_id", "linked_registration_id", "Registration.id", "Point.id"})
"""Names of fields that hold the id of a registration; a weight of a visit is of one of its points."""
WHO: Final = frozenset({"canonical", "plate", "label", "plates"})
"""Names of fields that hold what is known of an object by itself, or its plate."""
STAY: Final = frozenset(
    {
        *("TrainDeclared", "TrainCorrected", "TrainPassageBegan", "CodeOfTrainRead", "TrainCompared"),
        *("CrossingOpened", "CrossingActed"),
    }
)
"""What is of a train or of goods, and no person (docs/decisions/0048-what-goes-with-an-erasure.md)."""
_VALUES: Final[Mapping[type, object]] = {
    bool: True,
    int: 1,
    float: 1.0,
    bytes: b"",
    date: MORNING.date(),
    type(MORNING): MORNING,
    timedelta: timedelta(seconds=1),
}
_ORIGINS: Final[Mapping[type, type]] = {Mapping: dict}


class _Filling:
    """Fills all fields of an event, at any depth, with something."""

    def __init__(self) -> None:
        self.names = set[str]()
        self.registrations = set[str]()
        self._within: list[type] = []

    def of(self, type_: Any, name: str = "", owner: type | None = None) -> Any:
        self.names.add(name)
        made_of, arguments = get_origin(type_), [each for each in get_args(type_) if each not in (NoneType, Ellipsis)]
        if made_of is Literal:
            return arguments[0]
        if made_of in (Union, UnionType):
            return self.of(arguments[0], name, owner)
        if made_of is not None:
            is_empty = issubclass(made_of, Mapping) or arguments[0] in self._within
            return _ORIGINS.get(made_of, made_of)([] if is_empty else [self.of(arguments[0], name, owner)])
        if is_dataclass(type_):
            return self._all_of(type_)
        if issubclass(type_, Enum):
            return next(iter(type_))
        return self._text(name, owner) if type_ is str else _VALUES[type_]

    def _all_of(self, type_: Any) -> Any:
        self._within.append(type_)
        hints = get_type_hints(type_)
        made = type_(**{each.name: self.of(hints[each.name], each.name, type_) for each in fields(type_)})
        self._within.pop()
        return made

    def _text(self, name: str, owner: type | None) -> str:
        text, in_full = new_id(), f"{'' if owner is None else owner.__name__}.{name}"
        if owner is not Weight and not REGISTRATIONS.isdisjoint({name, in_full}):
            self.registrations.add(text)
        return text


def filled(type_: type[Event]) -> tuple[Event, _Filling]:
    """Return an event of which every field says something, and what these are."""
    filling = _Filling()
    return filling.of(type_), filling


SAYING = sorted(
    (type_ for type_ in EVENTS if not WHO.isdisjoint(filled(type_)[1].names) and EVENTS[type_].kind not in STAY),
    key=lambda type_: type_.__name__,
)


@pytest.mark.parametrize("type_", SAYING, ids=lambda type_: type_.__name__)
def test_what_says_who_was_there_goes_with_each_registration_that_it_names(type_: type[Event]) -> None:
    event, filling = filled(type_)
    subjects = set(subjects_of(event))
    assert subjects
    assert filling.registrations <= subjects


def test_what_stays_is_of_the_catalogue() -> None:
    assert {entry.kind for entry in EVENTS.values()} >= STAY
