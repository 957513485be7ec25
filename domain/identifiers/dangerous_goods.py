"""UN numbers of dangerous goods, and the orange plates of ADR 5.3.2 that bear them. They have no check digit."""

import re

from domain.identifiers.kind import DIGITS, Kind

_UN_NUMBER = "[0-3][0-9]{3}"

UN_NUMBER = Kind(
    name="un_number",
    lengths=(4,),
    alphabet=DIGITS,
    shape=re.compile(_UN_NUMBER),
    beside=re.compile("^(?:UN)+"),
)
ADR_PLATE = Kind(
    name="adr_plate",  # hazard identification (Kemler) number, X before it: no water; below it the UN number
    lengths=(6, 7, 8),
    alphabet=DIGITS | {"X"},
    shape=re.compile(f"X?[2-9][0-9]{{1,2}}{_UN_NUMBER}"),
)
