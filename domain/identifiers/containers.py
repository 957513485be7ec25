"""Codes of containers (ISO 6346) and of intermodal loading units (ILU, EN 13044), which share one check digit."""

import re

from stdnum import iso6346

from domain.identifiers.kind import ALPHANUMERIC, Kind


def _agrees(code: str) -> bool:
    return iso6346.calc_check_digit(code[:-1]) == code[-1]


CONTAINER = Kind(
    name="container",
    lengths=(11,),
    alphabet=ALPHANUMERIC,
    shape=re.compile("[A-Z]{3}[UJZABDEK][0-9]{7}"),
    beside=re.compile("(?<=^[A-Z]{4}[0-9]{7})[0-9A-Z]{4}$"),  # code of size and type: 22G1
    agrees=_agrees,
)
