"""Which one character may have been misread: offered where a check fails, never applied by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.identifiers.identifier import Identifier
from domain.identifiers.kind import Kind
from domain.identifiers.kinds import KINDS, parse
from domain.identifiers.look_alikes import look_alikes


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One character in place of another, with which the check holds.

    Attributes:
        canonical: the identifier with it, in canonical form.
        place: from 0, in that form.
        was: the character that was read.
        becomes: the character that may have been there.
        look_alike: whether the two are often taken for one another.
    """

    canonical: str
    place: int
    was: str
    becomes: str
    look_alike: bool


def corrections(read: Identifier) -> tuple[Correction, ...]:
    """Return the single substitutions with which a check holds that fails: look-alikes first, then by their place.

    Substitutions of characters that are not alike are offered only where a check digit speaks for them. There are none
    for an identifier of the wrong length.
    """
    if read.check != "fails":
        return ()
    checked = KINDS.get(read.kind)
    return (*_look_alikes(read), *(_others(read, checked) if checked else ()))


def _look_alikes(read: Identifier) -> Iterator[Correction]:
    for place, was in enumerate(read.canonical):
        for becomes in look_alikes(was):
            tried = f"{read.canonical[:place]}{becomes}{read.canonical[place + 1 :]}"
            again = parse(read.kind, tried, read.country)
            if again.check == "holds" and again.canonical == tried:
                yield Correction(canonical=tried, place=place, was=was, becomes=becomes, look_alike=True)


def _others(read: Identifier, kind: Kind) -> Iterator[Correction]:
    for place, was in enumerate(read.canonical):
        for becomes in sorted(kind.alphabet.difference(was, look_alikes(was))):
            tried = f"{read.canonical[:place]}{becomes}{read.canonical[place + 1 :]}"
            if kind.agreement(tried) == ("holds", "check_digit"):
                yield Correction(canonical=tried, place=place, was=was, becomes=becomes, look_alike=False)
