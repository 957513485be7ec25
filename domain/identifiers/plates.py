"""Plates of vehicles: the canonical form, and the shape that a country gives its plates."""

import re
from typing import ClassVar

from domain.identifiers.countries import distinguishing_sign
from domain.identifiers.identifier import LONGEST_RAW, Check, Identifier, canonical, fold
from domain.shared.errors import Invalid

LONGEST_PLATE = 32

_UA = "[ABCEHIKMOPTX]"
_RUS = "[ABEKMHOPCTYX]"
# Ordinary series only: temporary, diplomatic, military and dealer plates look different everywhere.
_SHAPES = {
    sign: re.compile(shape)
    for sign, shape in {
        "BY": "[0-9]{4}[A-Z]{2}[0-8]|[A-Z]{2}[0-9]{4}[0-8]",
        "CZ": "[0-9][A-Z][0-9A-Z][0-9]{4}",
        "D": "[A-ZÄÖÜ]{1,3}[A-Z]{1,2}[0-9]{1,4}[EH]?",
        "EST": "[0-9]{3}[A-Z]{3}",
        "GE": "[A-Z]{2}[0-9]{3}[A-Z]{2}",
        "H": "[A-Z]{3,4}[0-9]{3}",
        "KZ": "[0-9]{3}[A-Z]{2,3}[0-9]{2}",
        "LT": "[A-Z]{2,3}[0-9]{3}",
        "LV": "[A-Z]{2}[0-9]{1,4}",
        "MD": "[A-Z]{3}[0-9]{3}",
        "PL": "[A-Z]{1,3}[0-9A-Z]{4,5}",
        "RO": "[A-Z]{1,2}[0-9]{2,3}[A-Z]{3}",
        "RUS": f"{_RUS}[0-9]{{3}}{_RUS}{{2}}[0-9]{{2,3}}|{_RUS}{{2}}[0-9]{{6,7}}",
        "SK": "[A-Z]{2}[0-9]{3}[A-Z]{2}",
        "TR": "[0-9]{2}[A-Z]{1,3}[0-9]{2,5}",
        "UA": f"{_UA}{{2}}[0-9]{{4}}{_UA}{{2}}",
    }.items()
}


class PlateUnreadable(Invalid):
    """The plate holds no letter or digit, or more than 32 of them, or over 200 characters in all."""

    code: ClassVar[str] = "PLATE_UNREADABLE"


def plate(raw: str, country: str | None = None) -> Identifier:
    """Return the plate in the forms in which plates are compared.

    A plate of an unusual shape is not refused: its ``check`` fails, no more.

    Args:
        raw: as a device read or an officer typed it: any case, Latin or Cyrillic, with or without separators.
        country: of the plate, in any code a source uses.

    Raises:
        PlateUnreadable: nothing is left without the separators, or more than 32 are, or ``raw`` has more than 200.
    """
    letters = canonical(raw)
    if not 0 < len(letters) <= LONGEST_PLATE or len(raw) > LONGEST_RAW:
        raise PlateUnreadable(path=("plate",), length=len(letters))
    sign = distinguishing_sign(country)
    check = _shape(letters, sign)
    return Identifier(
        kind="plate",
        raw=raw,
        canonical=letters,
        folded=fold(letters),
        country=sign,
        check=check,
        why=None if check == "none" else "shape",
    )


def country_of_shape(letters: str) -> str | None:
    """Return the sign of the one country whose ordinary plates look like this, in canonical form; None for several."""
    signs = [sign for sign, shape in _SHAPES.items() if shape.fullmatch(letters)]
    return signs[0] if len(signs) == 1 else None


def _shape(letters: str, sign: str | None) -> Check:
    shape = _SHAPES.get(sign or "")
    if shape is None:
        return "none"
    return "holds" if shape.fullmatch(letters) else "fails"
