"""Numbers of traders (EORI): the form of Delegated Regulation (EU) 2015/2446, and the NIP in Polish ones."""

import re

from stdnum.pl import nip

from domain.identifiers.kind import ALPHANUMERIC, Kind

_OF_NIP = re.compile("PL([0-9]{10})[0-9A-Z]{5}")


def _agrees(eori: str) -> bool | None:
    """EORI have no check digit; where a Polish one holds the trader's NIP, that has one."""
    held = _OF_NIP.fullmatch(eori)
    return True if held and nip.checksum(held[1]) == 0 else None


def _country(eori: str) -> str:
    return eori[:2]


EORI = Kind(
    name="eori",
    lengths=range(3, 18),
    alphabet=ALPHANUMERIC,
    shape=re.compile("PL[0-9A-Z]{15}|(?!PL)[A-Z]{2}[0-9A-Z]{1,15}"),
    beside=re.compile("^(?:EORI)+"),
    agrees=_agrees,
    country=_country,
)
