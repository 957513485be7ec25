"""A declared list beside what a portal read: which wagons are there, missing, extra, moved or misread.

The two lists are aligned at the least cost (Needleman and Wunsch, 1970), from the head of the train or from its end,
whichever fits better: a portal does not know which way a train was made up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

MISREAD_EDITS_MAX = 2
_MISREAD_COST, _GAP_COST = 1, 2


class Verdict(StrEnum):
    """What became of a wagon or container of the list, or of one that was read."""

    AS_DECLARED = "as_declared"
    MISREAD = "misread"
    MOVED = "moved"
    MISSING = "missing"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A wagon or container as read; ``holds``: its check digit agrees, so that it is not another one misread."""

    canonical: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One wagon or container: where it stands in the list and in what was read, from 1, and what became of it."""

    verdict: Verdict
    declared: str | None
    read: str | None
    declared_place: int | None
    read_place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two lists side by side.

    Attributes:
        lines: in the order of the train as it was read; what is missing stands where it should have been.
        reversed: the train was read from its end.
    """

    lines: tuple[Line, ...]
    reversed: bool

    @property
    def differences(self) -> tuple[Line, ...]:
        """All lines that say something is otherwise than declared; a misreading says nothing of the kind."""
        return tuple(line for line in self.lines if line.verdict not in (Verdict.AS_DECLARED, Verdict.MISREAD))


def compare(declared: Sequence[str], read: Sequence[Code]) -> Comparison:
    """Compare a declared list of canonical codes, from the head of the train, with what was read in passing."""
    forward = _aligned(declared, read)
    backward = _aligned(declared[::-1], read)
    is_reversed = _cost(backward) < _cost(forward)
    lines = _with_moved(_lines(declared, read, backward if is_reversed else forward, is_reversed=is_reversed))
    return Comparison(lines=lines, reversed=is_reversed)


_Pair = tuple[int | None, int | None, int]
"""Places in the list and in what was read, from 0, and what it costs to take them for one."""


def _aligned(declared: Sequence[str], read: Sequence[Code]) -> list[_Pair]:
    costs = _costs(declared, read)
    pairs: list[_Pair] = []
    row, column = len(declared), len(read)
    while row or column:
        here = costs[row][column]
        same = _difference(declared[row - 1], read[column - 1]) if row and column else None
        if same is not None and here == costs[row - 1][column - 1] + same:
            row, column = row - 1, column - 1
            pairs.append((row, column, same))
        elif row and here == costs[row - 1][column] + _GAP_COST:
            row -= 1
            pairs.append((row, None, _GAP_COST))
        else:
            column -= 1
            pairs.append((None, column, _GAP_COST))
    return pairs[::-1]


def _costs(declared: Sequence[str], read: Sequence[Code]) -> list[list[int]]:
    """Return the least cost of aligning the first ``row`` declared with the first ``column`` read, for each of both."""
    costs = [[_GAP_COST * column for column in range(len(read) + 1)]]
    for row, code in enumerate(declared, 1):
        above, here = costs[-1], [_GAP_COST * row]
        for column, seen in enumerate(read):
            same = _difference(code, seen)
            best = min(above[column + 1], here[column]) + _GAP_COST
            here.append(best if same is None else min(best, above[column] + same))
        costs.append(here)
    return costs


def _difference(declared: str, read: Code) -> int | None:
    """Return what it costs to take both for one wagon; None when they are two."""
    if declared == read.canonical:
        return 0
    if read.holds or not _is_near(declared, read.canonical):
        return None
    return _MISREAD_COST


def _is_near(left: str, right: str) -> bool:
    """Tell whether two codes are at most two substitutions, or one character too many or too few, apart."""
    if len(left) == len(right):
        return sum(a != b for a, b in zip(left, right, strict=True)) <= MISREAD_EDITS_MAX
    short, long = sorted((left, right), key=len)
    return len(long) - len(short) == 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _cost(pairs: Sequence[_Pair]) -> int:
    return sum(cost for _, _, cost in pairs)


def _lines(
    declared: Sequence[str], read: Sequence[Code], pairs: Sequence[_Pair], *, is_reversed: bool
) -> Iterator[Line]:
    for row, column, cost in pairs:
        place = None if row is None else len(declared) - 1 - row if is_reversed else row
        yield Line(
            verdict=_verdict(row, column, cost),
            declared=None if place is None else declared[place],
            read=None if column is None else read[column].canonical,
            declared_place=None if place is None else place + 1,
            read_place=None if column is None else column + 1,
        )


def _verdict(row: int | None, column: int | None, cost: int) -> Verdict:
    if row is None:
        return Verdict.EXTRA
    if column is None:
        return Verdict.MISSING
    return Verdict.MISREAD if cost else Verdict.AS_DECLARED


def _with_moved(aligned: Iterator[Line]) -> tuple[Line, ...]:
    """Return lines in which a wagon that is missing at one place and extra at another is one that was moved."""
    lines = list(aligned)
    extra = {line.read: line for line in lines if line.verdict is Verdict.EXTRA}
    moved = {line.declared: line for line in lines if line.verdict is Verdict.MISSING and line.declared in extra}
    return tuple(
        _moved(line, moved) for line in lines if not (line.verdict is Verdict.MISSING and line.declared in moved)
    )


def _moved(line: Line, moved: dict[str | None, Line]) -> Line:
    if line.verdict is not Verdict.EXTRA or line.read not in moved:
        return line
    missing = moved[line.read]
    return Line(
        verdict=Verdict.MOVED,
        declared=missing.declared,
        read=line.read,
        declared_place=missing.declared_place,
        read_place=line.read_place,
    )
