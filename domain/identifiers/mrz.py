"""The machine-readable zone of travel documents: ICAO Doc 9303, parts 3 to 7."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from domain.identifiers.documents import document_number
from domain.identifiers.identifier import Identifier
from domain.identifiers.mrz_dates import birth, expiry
from domain.identifiers.mrz_layouts import Form, Layout, layout_of
from domain.shared.errors import Invalid

Sex = Literal["M", "F", "X"]

_WIDTHS = (30, 36, 44)
_CHARACTERS = re.compile("[0-9A-Z<]+")
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_WEIGHTS = (7, 3, 1)


class MrzUnreadable(Invalid):
    """These are not the lines of a machine-readable zone: 3 of 30, 2 of 36 or 2 of 44 characters A-Z, 0-9 and <."""

    code: ClassVar[str] = "MRZ_UNREADABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelDocument:
    """What a machine-readable zone says.

    Attributes:
        document_kind: code of the document (``P``, ``I``, ``V``, ``AC`` ...).
        issuer: code of the issuing state or organisation as printed (``POL``, ``D``, ``UNO``).
        number: all of it, also when its end stands in the optional data.
        nationality: code as printed; ``XXA`` stateless, ``XXX`` unspecified.
        birth_date: None when it is unknown in part or impossible.
        birth_partial: what is known of such a date: ``1974-08``, ``1974`` or empty; None beside a ``birth_date``.
        sex: ``X`` when unspecified.
        expiry_date: None when the document gives none that is possible.
        optional: what the issuer adds, without the fillers around it; two fields are joined by a blank.
        failed_checks: fields whose check digit does not agree, in the order ``number``, ``birth_date``,
            ``expiry_date``, ``optional``, ``composite``.
    """

    form: Form
    document_kind: str
    issuer: str
    surname: str
    given_names: str
    number: Identifier
    nationality: str
    birth_date: date | None
    birth_partial: str | None
    sex: Sex
    expiry_date: date | None
    optional: str
    failed_checks: tuple[str, ...]


def travel_document(lines: Sequence[str], *, today: date) -> TravelDocument:
    """Read the lines of a machine-readable zone.

    A check digit that does not agree is reported, not refused.

    Args:
        lines: two or three, upper or lower case; ``«`` is taken for the fillers that readers confuse it with.
        today: settles the century of the two-digit years.

    Raises:
        MrzUnreadable: wrong number of lines, length or characters.
        DocumentNumberUnreadable: the field of the number holds fillers alone.
    """
    read = tuple(map(cleaned, lines))
    layout, zone = layout_of(read), "".join(read)
    if layout is None or not _CHARACTERS.fullmatch(zone):
        raise MrzUnreadable(path=("lines",), widths=tuple(map(len, read)))
    number, number_check, optional = _number(zone, layout)
    issuer, number_holds = _text(zone[2:5]), _holds(number, number_check)
    surname, _, given_names = zone[layout.names].partition("<<")
    birth_date, birth_partial = birth(zone[layout.birth], today)
    return TravelDocument(
        form=layout.form,
        document_kind=_text(zone[:2]),
        issuer=issuer,
        surname=_text(surname),
        given_names=_text(given_names),
        number=document_number(number, issuer, check="holds" if number_holds else "fails"),
        nationality=_text(zone[layout.nationality]),
        birth_date=birth_date,
        birth_partial=birth_partial,
        sex=_sex(zone[layout.sex]),
        expiry_date=expiry(zone[layout.expiry], today),
        optional=" ".join(field for part in optional if (field := part.strip("<"))),
        failed_checks=(() if number_holds else ("number",)) + _failed_checks(zone, layout),
    )


def cleaned(line: str) -> str:
    """Return a line as it is read: upper case, without blanks around it, ``«`` as the fillers it stands for."""
    text = line.strip().upper()
    doubled = text.replace("«", "<<")
    return doubled if len(doubled) in _WIDTHS else text.replace("«", "<")


def check_digit(field: str) -> str:
    """Return the check digit of a field of the zone: characters A-Z, 0-9 and <."""
    weighted = (_VALUES[character] * _WEIGHTS[place % 3] for place, character in enumerate(field))
    return str(sum(weighted) % 10)


def _number(zone: str, layout: Layout) -> tuple[str, str, tuple[str, ...]]:
    """Return the number, its check digit, and what remains of the optional data."""
    number, check = zone[layout.number], zone[layout.number.stop]
    first, *others = (zone[place] for place in layout.optional)
    end, _, remainder = first.partition("<")
    if layout.long_numbers and check == "<" and "<" not in number and len(end) > 1:
        return number + end[:-1], end[-1], (remainder, *others)
    return number, check, (first, *others)


def _failed_checks(zone: str, layout: Layout) -> tuple[str, ...]:
    checked: dict[str, tuple[slice, ...]] = {"birth_date": (layout.birth,), "expiry_date": (layout.expiry,)}
    if layout.optional_checked:
        checked["optional"] = layout.optional
    if layout.composite:
        checked["composite"] = layout.composite
    return tuple(
        name
        for name, places in checked.items()
        if not _holds("".join(zone[place] for place in places), zone[places[-1].stop])
    )


def _holds(field: str, check: str) -> bool:
    """Tell whether the check digit agrees; that of a field of fillers alone may be a filler."""
    if check == "<":
        return not field.strip("<")
    return check == check_digit(field)


def _text(field: str) -> str:
    return " ".join(field.replace("<", " ").split())


def _sex(character: str) -> Sex:
    match character:
        case "M" | "F":
            return character
        case _:
            return "X"
