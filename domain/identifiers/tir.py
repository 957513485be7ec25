"""Numbers of TIR carnets: the form alone, since the check of the eleventh character is not public."""

import re

from domain.identifiers.kind import ALPHANUMERIC, Kind

TIR = Kind(
    name="tir",
    lengths=(10, 11),
    alphabet=ALPHANUMERIC,
    shape=re.compile("[A-Z]{2}[0-9]{8}[0-9A-Z]?"),
    beside=re.compile("^(?:TIR)+"),
)
