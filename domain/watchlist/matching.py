"""Whether an identifier meets a criterion: by its exact or by its look-alike spelling."""

from domain.identifiers.identifier import Identifier

EXACT = "exact"
FOLDED = "folded"
TIER = "T1"
"""How strong a match by either key is, since the countries do not contradict each other."""


def key_met(read: Identifier, sought: Identifier) -> str | None:
    """Return by which key the two agree: ``exact``, ``folded``, or None. Countries must not contradict each other."""
    if read.kind != sought.kind or _contradict(read.country, sought.country):
        return None
    if read.canonical == sought.canonical:
        return EXACT
    if read.folded == sought.folded:
        return FOLDED
    return None


def differences(read: str, sought: str) -> tuple[int, ...]:
    """Return the positions, from 0, at which two texts of equal length differ."""
    return tuple(index for index, (a, b) in enumerate(zip(read, sought, strict=False)) if a != b)


def _contradict(left: str | None, right: str | None) -> bool:
    return left is not None and right is not None and left != right
