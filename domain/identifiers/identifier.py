"""What identifies an object, in the forms in which it is compared."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

Check = Literal["holds", "fails", "none"]

LONGEST_RAW = 200
"""Characters of an identifier as read or typed, separators included."""

# Cyrillic capitals that look like Latin ones: plates are read, and typed, in either.
_LATIN = str.maketrans("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI")  # noqa: RUF001 - the look-alikes are the point

# Classes of Genetec AutoVu's "OCR equivalent characters", and L beside 1 and I.
# 4/A, 7/T and V/Y are confused less often: they are left to the matching within one edit.
LOOK_ALIKES = ("0ODQ", "1IL", "2Z", "5S", "8B", "6G")
_FOLD = str.maketrans({letter: alike[0] for alike in LOOK_ALIKES for letter in alike[1:]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """What was read or typed of one object: a plate, a document number, the code of a wagon, of a declaration ...

    Attributes:
        kind: one of `domain.identifiers.kinds.NAMES`.
        raw: as it was read or typed.
        canonical: the form in which two spellings of the same identifier are equal.
        folded: the form in which look-alikes are equal.
        country: of a plate or wagon the distinguishing sign (``PL``, ``RUS``), of a document the issuer's code
            (``POL``, ``D``), of customs and tax numbers the ISO 3166 code in them; None when nothing tells it.
        check: whether the shape or the check digit agrees; ``none`` when there is nothing to check by.
        why: what that rests on: ``shape`` or ``check_digit``, or ``length`` or ``characters`` where these are wrong
            already; None when nothing was checked.
    """

    kind: str
    raw: str
    canonical: str
    folded: str
    country: str | None
    check: Check
    why: str | None


def canonical(raw: str) -> str:
    """Return letters and digits of ``raw`` alone: upper case, composed, Cyrillic look-alikes as Latin letters."""
    if raw.isascii():
        return "".join(filter(str.isalnum, raw.upper()))
    upper = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).upper())
    return "".join(filter(str.isalnum, upper.translate(_LATIN)))


def fold(canonical: str) -> str:
    """Return the form in which look-alike identifiers are equal: one character for each class of look-alikes."""
    return canonical.translate(_FOLD)
