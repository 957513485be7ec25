"""Vehicle identification numbers: the form of ISO 3779, the check digit of 49 CFR 565 and GB 16735."""

import re

from domain.identifiers.kind import ALPHANUMERIC, Kind

_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {digit: int(digit) for digit in "0123456789"} | {
    letter: int(value) for letter, value in zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
}
_PLACE = 8
# North America and China; of 7, what is not New Zealand's.
_PROMISED = re.compile("[1-5L]|7[F-Z0-9]")


def _agrees(vin: str) -> bool | None:
    """Elsewhere the ninth place is the maker's own, and only a digit that agrees tells anything."""
    total = sum(_VALUES[letter] * weight for letter, weight in zip(vin, _WEIGHTS, strict=True))
    if vin[_PLACE] == "0123456789X"[total % 11]:
        return True
    return False if _PROMISED.match(vin) else None


VIN = Kind(
    name="vin",
    lengths=(17,),
    alphabet=ALPHANUMERIC - set("IOQ"),
    shape=re.compile("[0-9A-HJ-NPR-Z]{17}"),
    beside=re.compile("^(?:VIN)+"),
    agrees=_agrees,
)
