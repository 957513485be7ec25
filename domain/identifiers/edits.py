"""How far two texts are apart."""

from collections.abc import Sequence


def one_edit_apart(left: str, right: str) -> bool:
    """Tell whether two texts are equal or one insertion, deletion or substitution apart."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) > 1:
        return False
    split = _equal_head(short, long)
    return short[split + (len(short) == len(long)) :] == long[split + 1 :]


def _equal_head(left: Sequence[str], right: Sequence[str]) -> int:
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))
