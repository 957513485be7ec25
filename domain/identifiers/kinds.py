"""The table of kinds of identifiers: a text as one of them, and what a text might be."""

from collections.abc import Mapping
from typing import ClassVar

from domain.identifiers.containers import CONTAINER
from domain.identifiers.dangerous_goods import ADR_PLATE, UN_NUMBER
from domain.identifiers.documents import document_number
from domain.identifiers.eori import EORI
from domain.identifiers.identifier import LONGEST_RAW, Identifier, canonical
from domain.identifiers.kind import LONGEST, Kind
from domain.identifiers.mrn import GRN, MRN
from domain.identifiers.plates import country_of_shape, plate
from domain.identifiers.polish_numbers import NIP, PESEL, REGON
from domain.identifiers.tariff import GOODS_CODE
from domain.identifiers.tir import TIR
from domain.identifiers.vin import VIN
from domain.identifiers.wagons import WAGON
from domain.shared.errors import Invalid

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (CONTAINER, WAGON, VIN, MRN, GRN, TIR, EORI, NIP, PESEL, REGON, ADR_PLATE, UN_NUMBER, GOODS_CODE)
}
NAMES = ("plate", "document", *KINDS)
"""Of all kinds; of plates and documents, how they look depends on the country."""

# What may be, the likeliest first; what does not even look like a kind is none of it.
_DOUBTS = (("holds", "check_digit"), ("holds", "shape"), ("none", None), ("fails", "check_digit"))
_PLATE_LENGTHS = range(2, 11)
_DOCUMENT_LENGTHS = range(5, 21)


class IdentifierKindUnknown(Invalid):
    """There is no such kind of identifier."""

    code: ClassVar[str] = "IDENTIFIER_KIND_UNKNOWN"


def parse(kind: str, text: str, country: str | None = None) -> Identifier:
    """Read a text as an identifier of a kind.

    Args:
        kind: one of ``NAMES``.
        text: as a device read or an officer typed it.
        country: of a plate in any code a source uses, of a document the issuer's code; other kinds tell it themselves.

    Raises:
        IdentifierKindUnknown: there is no such kind.
        PlateUnreadable, DocumentNumberUnreadable, IdentifierUnreadable: nothing can be made of the text.
    """
    if kind == "plate":
        return plate(text, country)
    if kind == "document":
        return document_number(text, country)
    if kind not in KINDS:
        raise IdentifierKindUnknown(path=("kind",), known=NAMES)
    return KINDS[kind].read(text)


def guess(text: str) -> tuple[Identifier, ...]:
    """Tell what a text might be, the likeliest first: by check digit, by shape, and then by length alone.

    Returns:
        At most one identifier of each kind; empty when the text is like none, or holds letters alone: a name.
    """
    letters = canonical(text) if len(text) <= LONGEST_RAW else ""
    if not 0 < len(letters) <= LONGEST or letters.isalpha():
        return ()
    read = [kind.read(text) for kind in KINDS.values()]
    if len(letters) in _PLATE_LENGTHS and not letters.isdecimal():
        read.insert(0, plate(text, country_of_shape(letters)))
    if len(letters) in _DOCUMENT_LENGTHS:
        read.append(document_number(text))
    return tuple(sorted((each for each in read if _agreement(each) in _DOUBTS), key=_doubt))


def _doubt(read: Identifier) -> int:
    two_letters_and_anything = read.kind == EORI.name and read.why == "shape"
    return len(_DOUBTS) if two_letters_and_anything else _DOUBTS.index(_agreement(read))


def _agreement(read: Identifier) -> tuple[str, str | None]:
    return read.check, read.why
