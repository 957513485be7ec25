"""Which one character may have been misread: offered where a check fails, never applied by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.identifiers.identifier import Identifier
from domain.identifiers.kind import ALPHANUMERIC
from domain.identifiers.kinds import parse
from domain.identifiers.look_alikes import look_alikes

_CHARACTERS = "".join(sorted(ALPHANUMERIC))


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
    if read.check != "fails" or read.why == "length":
        return ()
    return (*_holding(read, look_alike=True), *_holding(read, look_alike=False))


def _holding(read: Identifier, *, look_alike: bool) -> Iterator[Correction]:
    for place, was in enumerate(read.canonical):
        alike = look_alikes(was)
        for becomes in alike if look_alike else _CHARACTERS:
            if becomes != was and (look_alike or becomes not in alike):
                text = f"{read.canonical[:place]}{becomes}{read.canonical[place + 1 :]}"
                if _holds(read, text, by_shape=look_alike):
                    yield Correction(canonical=text, place=place, was=was, becomes=becomes, look_alike=look_alike)


def _holds(read: Identifier, text: str, *, by_shape: bool) -> bool:
    tried = parse(read.kind, text, read.country)
    return tried.check == "holds" and tried.canonical == text and (by_shape or tried.why == "check_digit")
