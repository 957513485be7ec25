"""What the identifiers of one kind look like, and how their check digit is known to agree."""

import re
import string
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import ClassVar

from domain.identifiers.identifier import LONGEST_RAW, Check, Identifier, canonical, fold
from domain.shared.errors import Invalid

LONGEST = 32
DIGITS = frozenset(string.digits)
ALPHANUMERIC = DIGITS | frozenset(string.ascii_uppercase)


class IdentifierUnreadable(Invalid):
    """The identifier holds no letter or digit, or more than 32 of them, or over 200 characters in all."""

    code: ClassVar[str] = "IDENTIFIER_UNREADABLE"


def _untold(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of identifiers.

    Attributes:
        name: stable; it stands in events and in the API.
        lengths: that the canonical form may have.
        alphabet: characters that may stand in it.
        shape: what it looks like.
        beside: what is printed beside it and does not belong to it, as it stands in the letters and digits read.
        agrees: whether the check digit of a text of that shape agrees; None where no check digit is promised.
        country: to which a text of that shape belongs; None where it does not tell.
    """

    name: str
    lengths: Collection[int]
    alphabet: frozenset[str]
    shape: re.Pattern[str]
    beside: re.Pattern[str] | None = None
    agrees: Callable[[str], bool | None] = _untold
    country: Callable[[str], str | None] = _untold

    def read(self, raw: str) -> Identifier:
        """Tell what was read or typed: only what nothing can be made of is refused.

        Raises:
            IdentifierUnreadable: nothing is left without separators, or more than 32 characters are, or ``raw`` has
                more than 200.
        """
        letters = self._letters(raw) if len(raw) <= LONGEST_RAW else ""
        if not 0 < len(letters) <= LONGEST:
            raise IdentifierUnreadable(path=("text",), length=len(letters or raw))
        check, why = self.agreement(letters)
        return Identifier(
            kind=self.name,
            raw=raw,
            canonical=letters,
            folded=fold(letters),
            country=self.country(letters) if self.shape.fullmatch(letters) else None,
            check=check,
            why=why,
        )

    def agreement(self, letters: str) -> tuple[Check, str]:
        """Return ``check`` and ``why`` of an identifier in canonical form."""
        if not self.shape.fullmatch(letters):
            return "fails", self._fault(letters)
        agrees = self.agrees(letters)
        if agrees is None:
            return "holds", "shape"
        return "holds" if agrees else "fails", "check_digit"

    def _letters(self, raw: str) -> str:
        letters = canonical(raw)
        return (self.beside.sub("", letters) or letters) if self.beside else letters

    def _fault(self, letters: str) -> str:
        if not self.alphabet.issuperset(letters):
            return "characters"
        return "shape" if len(letters) in self.lengths else "length"
