"""Numbers of customs declarations (MRN) and of guarantees (GRN).

The check digit of both is that of DG XXI/0879/99 Rev. 1, which is the one of ISO 6346 over more characters.
"""

import re
from collections.abc import Mapping

from stdnum import iso6346

from domain.identifiers.kind import ALPHANUMERIC, Kind

PROCEDURES: Mapping[str, str] = {
    "A": "export",
    "B": "export with exit summary",
    "C": "exit summary",
    "D": "re-export notification",
    "E": "dispatch to special fiscal territories",
    "J": "transit",
    "K": "transit with exit summary",
    "L": "transit with entry summary",
    "M": "proof of Union status",
    "R": "import",
    "S": "import with entry summary",
    "T": "entry summary",
    "U": "temporary storage",
    "V": "introduction from special fiscal territories",
    "W": "temporary storage with entry summary",
}
"""Letters in the seventeenth place of an MRN since Annex B of Delegated Regulation (EU) 2015/2446; more may come."""

_PROCEDURE = 16
_GRN = 17


def procedure(mrn: str) -> str | None:
    """Return what an MRN, in canonical form, declares; None for one without a letter there, or with an unknown one.

    Numbers of the older form may hold any letter in that place, by chance.
    """
    return PROCEDURES.get(mrn[_PROCEDURE : _PROCEDURE + 1])


def _ends_in_its_check_digit(number: str) -> bool:
    return iso6346.calc_check_digit(number[:-1]) == number[-1]


def _grn_agrees(grn: str) -> bool:
    """A voucher's own number may follow the check digit."""
    return _ends_in_its_check_digit(grn[:_GRN])


def _of_number(number: str) -> str:
    return number[2:4]


MRN = Kind(
    name="mrn",
    lengths=(18,),
    alphabet=ALPHANUMERIC,
    shape=re.compile("[0-9]{2}[A-Z]{2}[0-9A-Z]{13}[0-9]"),
    beside=re.compile("^(?:MRN)+"),
    agrees=_ends_in_its_check_digit,
    country=_of_number,
)
GRN = Kind(
    name="grn",
    lengths=(_GRN, 24),
    alphabet=ALPHANUMERIC,
    shape=re.compile("[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[0-9](?:[A-Z][0-9]{6})?"),
    beside=re.compile("^(?:GRN)+"),
    agrees=_grn_agrees,
    country=_of_number,
)
