"""Numbers of travel and identity documents."""

from typing import ClassVar

from domain.identifiers.identifier import LONGEST_RAW, Check, Identifier, canonical, fold
from domain.shared.errors import Invalid

LONGEST_NUMBER = 32


class DocumentNumberUnreadable(Invalid):
    """The document number holds no letter or digit, or more than 32 of them, or over 200 characters in all."""

    code: ClassVar[str] = "DOCUMENT_NUMBER_UNREADABLE"


def document_number(raw: str, issuer: str | None = None, *, check: Check = "none") -> Identifier:
    """Return the number in the forms in which document numbers are compared.

    Args:
        raw: as typed, or as it stands in the machine-readable zone with its fillers.
        issuer: code of the issuing state or organisation as in the zone (``POL``, ``D``).
        check: whether its check digit agrees, if it had one.

    Raises:
        DocumentNumberUnreadable: nothing is left without separators and fillers, or more than 32 characters are.
    """
    letters = canonical(raw)
    if not 0 < len(letters) <= LONGEST_NUMBER or len(raw) > LONGEST_RAW:
        raise DocumentNumberUnreadable(path=("number",), length=len(letters))
    return Identifier(
        kind="document",
        raw=raw,
        canonical=letters,
        folded=fold(letters),
        country=issuer,
        check=check,
        why=None if check == "none" else "check_digit",
    )
