"""Looking registrations up: the history of an object, and searching by a part of what is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.identifiers.searching import searched
from domain.registrations.model import ObjectKind, Registration
from domain.shared.errors import Invalid

PART_MIN = 3
PART_MAX = 40


class PartTooShort(Invalid):
    """A part must have three to forty letters or digits."""

    code: ClassVar[str] = "PART_TOO_SHORT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for; None is any.

    Attributes:
        part: of an identifier or a name, in the form of `domain.identifiers.searching.searched`.
        since: put on record then or later, by the clock of the site.
        until: put on record before.
    """

    part: str
    node: str | None = None
    kind: ObjectKind | None = None
    lane: str | None = None
    direction: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def part_of(text: str) -> str:
    """Return a part as it is searched for.

    Raises:
        PartTooShort: it has fewer than three letters and digits, or more than forty.
    """
    part = searched(text) if len(text) <= 2 * PART_MAX else ""
    if not PART_MIN <= len(part) <= PART_MAX:
        raise PartTooShort(path=("part",))
    return part


def further_searched(registration: Registration) -> str | None:
    """Return all identifiers besides the label in the form in which they are searched, a space around each; or None.

    Those are among them of which a correction said that they are not the object's.
    """
    said = (*registration.identifiers, *registration.former)
    forms = [form for each in said for form in (each.canonical, searched(each.canonical))]
    further = [each for each in dict.fromkeys(forms) if each != registration.label]
    return f" {' '.join(further)} " if further else None


def holder_searched(registration: Registration) -> str | None:
    """Return the names of the traveller, corrected ones too, in the form in which they are searched; None: no names."""
    said = (registration.said, *(correction.before for correction in registration.corrections))
    names = [searched(each.traveller.surname + each.traveller.given_names) for each in said if each.traveller]
    return " ".join(dict.fromkeys(names)) if names else None


def is_found(registration: Registration, search: Search) -> bool:
    """Tell whether a registration is what is searched for, its period aside."""
    texts = (registration.label, further_searched(registration), holder_searched(registration))
    return (
        any(search.part in text for text in texts if text)
        and search.node in (None, registration.node)
        and search.kind in (None, registration.kind)
        and search.lane in (None, registration.lane)
        and search.direction in (None, registration.direction)
    )


def is_of(registration: Registration, kind: str, canonical: str) -> bool:
    """Tell whether an object has this identifier, or had it until a correction."""
    said = (*registration.identifiers, *registration.former)
    return any((each.kind, each.canonical) == (kind, canonical) for each in said)
