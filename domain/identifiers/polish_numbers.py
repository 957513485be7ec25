"""Numbers of Polish persons and firms: NIP (taxes), PESEL (population register), REGON (register of the economy)."""

import re

from stdnum.pl import nip, pesel, regon

from domain.identifiers.kind import DIGITS, Kind

_REGON_OF_FIRM = 9


def _nip_agrees(number: str) -> bool:
    return nip.checksum(number) == 0


def _pesel_agrees(number: str) -> bool:
    return pesel.calc_check_digit(number[:-1]) == number[-1]


def _regon_agrees(number: str) -> bool:
    """A local unit's number has a check digit for itself and begins with that of its firm, which has another."""
    whole = {number[:_REGON_OF_FIRM], number}
    return all(regon.calc_check_digit(each[:-1]) == each[-1] for each in whole)


def _poland(_: str) -> str:
    return "PL"


NIP = Kind(
    name="nip",
    lengths=(10,),
    alphabet=DIGITS,
    shape=re.compile("[0-9]{10}"),
    beside=re.compile("^(?:NIP|PL)+"),
    agrees=_nip_agrees,
    country=_poland,
)
PESEL = Kind(
    name="pesel",
    lengths=(11,),
    alphabet=DIGITS,
    # Year, month (20, 40, 60 or 80 more in other centuries than the 20th), day.
    shape=re.compile("[0-9]{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{5}"),
    beside=re.compile("^(?:PESEL)+"),
    agrees=_pesel_agrees,
    country=_poland,
)
REGON = Kind(
    name="regon",
    lengths=(_REGON_OF_FIRM, 14),
    alphabet=DIGITS,
    shape=re.compile("[0-9]{9}(?:[0-9]{5})?"),
    beside=re.compile("^(?:REGON)+"),
    agrees=_regon_agrees,
    country=_poland,
)
