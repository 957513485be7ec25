"""A declared train beside its passage: wagons, the containers on them, and what is otherwise than declared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.trains.comparison import Code, Comparison, Line, Verdict, compare
from domain.trains.model import CodeOfTrain, DeclaredWagon, Difference, DifferenceKind, Train, TrainPassage

_KINDS = {
    Verdict.MISSING: (DifferenceKind.WAGON_MISSING, DifferenceKind.CONTAINER_MISSING),
    Verdict.EXTRA: (DifferenceKind.WAGON_EXTRA, DifferenceKind.CONTAINER_EXTRA),
    Verdict.MOVED: (DifferenceKind.WAGON_MOVED, DifferenceKind.CONTAINER_MOVED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLine:
    """One container: on which wagon it should be, on which it was read, and what became of it."""

    verdict: Verdict
    declared: str | None
    read: str | None
    declared_wagon: str | None
    read_wagon: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainComparison:
    """A train beside its passage.

    Attributes:
        reversed: it was read from its end.
        lines: of its wagons, in the order in which they were read.
        containers: in the order of their wagons.
    """

    reversed: bool
    lines: tuple[Line, ...]
    containers: tuple[ContainerLine, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What is otherwise than declared, each kind once, in the order of the kinds."""
        found: dict[DifferenceKind, list[str]] = {}
        for of_wagons, lines in ((True, self.lines), (False, self.containers)):
            for line in lines:
                if line.verdict in _KINDS:
                    kind = _KINDS[line.verdict][0 if of_wagons else 1]
                    found.setdefault(kind, []).append(line.declared or line.read or "")
        return tuple(Difference(kind=kind, codes=tuple(found[kind])) for kind in DifferenceKind if kind in found)


def side_by_side(train: Train, passage: TrainPassage) -> TrainComparison:
    """Compare a train with its passage."""
    read = passage.wagons()
    wagons = compare(train.codes, [_code(each) for each in read])
    return TrainComparison(
        reversed=wagons.reversed, lines=wagons.lines, containers=_containers(train, wagons, read, passage)
    )


def _code(read: CodeOfTrain) -> Code:
    return Code(canonical=read.canonical, holds=read.holds)


def _containers(
    train: Train, wagons: Comparison, read: Sequence[CodeOfTrain], passage: TrainPassage
) -> tuple[ContainerLine, ...]:
    declared = {wagon.code.canonical: wagon for wagon in train.wagons}
    standing = _by_wagon(read, passage.containers())
    lines = [
        line
        for wagon in wagons.lines
        for line in _on_wagon(
            declared.get(wagon.declared or ""), wagon, standing.get(wagon.read, []) if wagon.read else []
        )
    ]
    lines += (
        ContainerLine(verdict=Verdict.EXTRA, declared=None, read=each.canonical, declared_wagon=None, read_wagon=None)
        for each in standing.get(None, [])
    )
    return tuple(_moved(lines))


def _by_wagon(wagons: Sequence[CodeOfTrain], containers: Sequence[CodeOfTrain]) -> dict[str | None, list[CodeOfTrain]]:
    """Return the containers read on each wagon that was read; under None those of wagons that were not."""
    at = {wagon.position: wagon.canonical for wagon in wagons if wagon.position is not None}
    found: dict[str | None, list[CodeOfTrain]] = {}
    for container in containers:
        if container.position is not None and at:
            on = at.get(container.position)
        else:
            before = [wagon.canonical for wagon in wagons if wagon.seen_at <= container.seen_at]
            on = before[-1] if before else None
        found.setdefault(on, []).append(container)
    return found


def _on_wagon(declared: DeclaredWagon | None, wagon: Line, standing: Sequence[CodeOfTrain]) -> Iterator[ContainerLine]:
    """Yield what became of the containers of a wagon; in which order they stand on it does not matter."""
    codes = tuple(each.code.canonical for each in declared.containers) if declared else ()
    place = {code: number for number, code in enumerate(codes)}
    ordered = sorted(standing, key=lambda each: place.get(each.canonical, len(codes)))
    as_declared = [each for each in ordered if each.canonical in place]
    others = [each for each in ordered if each.canonical not in place]
    left = tuple(code for code in codes if code not in {each.canonical for each in as_declared})
    same = [
        Line(verdict=Verdict.AS_DECLARED, declared=one, read=one, declared_place=None, read_place=None)
        for one in (each.canonical for each in as_declared)
    ]
    for line in (*same, *compare(left, [_code(each) for each in others]).lines):
        yield ContainerLine(
            verdict=line.verdict,
            declared=line.declared,
            read=line.read,
            declared_wagon=wagon.declared if line.declared else None,
            read_wagon=wagon.read if line.read else None,
        )


def _moved(lines: Sequence[ContainerLine]) -> Iterator[ContainerLine]:
    """Yield lines in which a container that is missing on one wagon and extra on another is one that was moved."""
    missing = {line.declared: line for line in lines if line.verdict is Verdict.MISSING}
    extra = {line.read for line in lines if line.verdict is Verdict.EXTRA}
    for line in lines:
        if line.verdict is Verdict.MISSING and line.declared in extra:
            continue
        if line.verdict is Verdict.EXTRA and line.read in missing:
            was = missing[line.read]
            on_unread = line.read_wagon is None
            yield replace(
                was,
                verdict=Verdict.AS_DECLARED if on_unread else Verdict.MOVED,
                read=line.read,
                read_wagon=line.read_wagon,
            )
        else:
            yield line
