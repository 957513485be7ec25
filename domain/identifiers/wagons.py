"""Numbers of railway vehicles: twelve digits (UIC, EVN), or the eight of the 1520 mm network. Both end in Luhn's."""

import re

from stdnum import luhn

from domain.identifiers.countries import distinguishing_sign
from domain.identifiers.kind import DIGITS, Kind

_EVN = 12

# Code of the country (UIC leaflet 920-14) and its ISO 3166 alpha-2.
_TABLE = """
10 FI  20 RU  21 BY  22 UA  23 MD  24 LT  25 LV  26 EE  27 KZ  28 GE  29 UZ  31 MN  33 CN  41 AL  44 BA  49 BA  50 BA
51 PL  52 BG  53 RO  54 CZ  55 HU  56 SK  57 AZ  58 AM  59 KG  60 IE  62 ME  65 MK  66 TJ  67 TM  70 GB  71 ES  72 RS
73 GR  74 SE  75 TR  76 NO  78 HR  79 SI  80 DE  81 AT  82 LU  83 IT  84 NL  85 CH  86 DK  87 FR  88 BE  94 PT  96 IR
"""
_CODES = _TABLE.split()
_COUNTRIES = dict(zip(_CODES[::2], _CODES[1::2], strict=True))


def _agrees(number: str) -> bool:
    return luhn.checksum(number) == 0


def _country(number: str) -> str | None:
    return distinguishing_sign(_COUNTRIES.get(number[2:4])) if len(number) == _EVN else None


WAGON = Kind(
    name="wagon",
    lengths=(8, _EVN),
    alphabet=DIGITS,
    shape=re.compile("[0-9]{8}(?:[0-9]{4})?"),
    # The keeper's marking: D-DB. Cameras take digits for letters, so of twelve only the first must be one.
    beside=re.compile(r"(?<=^[0-9]{8})[^\W\d_]{2,}$|(?<=^[0-9][0-9A-Z]{11})[^\W\d_]{2,}$"),
    agrees=_agrees,
    country=_country,
)
