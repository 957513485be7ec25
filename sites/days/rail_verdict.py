"""Whether what the centre tells of a day of trains is what was planted: all of it, and nothing else."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sites.days.rail import DayTrain

WAGONS, CONTAINERS = 308, 423


def faults_of(
    trains: Sequence[DayTrain],
    told: Mapping[str, Mapping[str, Any]],
    alarms: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Sequence[str]],
) -> Iterator[str]:
    """Yield what is not as planted, in words.

    Args:
        trains: of the day.
        told: the trains as the centre tells of them, by the railway's number.
        alarms: of anomalies, those that have ended included.
        seen: labels of the registrations of each kind.
    """
    for train in trains:
        yield from _train_faults(train, told.get(train.number))
    yield from _alarm_faults(trains, alarms)
    yield from _count_faults(trains, seen)


def _train_faults(train: DayTrain, told: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield in what the centre's comparison of a train is otherwise than planted."""
    if train.declared is None:
        if told is not None:
            yield f"{train.label}: has a list that nobody declared"
        return
    if told is None or told["comparison"] is None:
        yield f"{train.label}: is not compared at the centre"
        return
    comparison = told["comparison"]
    found = {each["kind"].lower(): frozenset(each["codes"]) for each in comparison["differences"]}
    if found != train.planted:
        yield f"{train.label}: planted {_plain(train.planted)}, found {_plain(found)}"
    lines = [*comparison["lines"], *comparison["containers"]]
    misread = frozenset(line["declared"] for line in lines if line["verdict"] == "MISREAD")
    if misread != train.misread:
        yield f"{train.label}: misread {sorted(train.misread)}, found {sorted(misread)}"
    ended_by = "portal" if train.ends else "next_train"
    stands = (told["state"], comparison["reversed"], told["passage"]["endedBy"])
    if stands != ("PASSED", train.is_reversed, ended_by):
        yield f"{train.label}: stands as {stands}"


def _alarm_faults(trains: Sequence[DayTrain], alarms: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    planted = Counter(
        (train.label, kind, ", ".join(sorted(codes))) for train in trains for kind, codes in train.planted.items()
    )
    found = Counter(
        (alarm["label"], alarm["cause"].partition(":")[0], ", ".join(sorted(_codes(alarm["text"]))))
        for alarm in alarms
        if alarm["endedAt"] is None
    )
    yield from (f"no alarm: {' '.join(each)}" for each in (planted - found).elements())
    yield from (f"an alarm that nobody planted: {' '.join(each)}" for each in (found - planted).elements())
    ended = sum(alarm["endedAt"] is not None for alarm in alarms)
    expected = sum(len(_late(train)) for train in trains)
    if ended != expected:
        yield f"{ended} alarms have ended, not {expected}"


def _late(train: DayTrain) -> Sequence[str]:
    """Return the kinds of alarms that stand until a late reading comes: of the wagon, and of what is on it."""
    late = [reading for reading in train.readings if reading.place == train.late]
    return [kind for reading in late for kind in ("wagon", *(["container"] if reading.containers else []))]


def _count_faults(trains: Sequence[DayTrain], seen: Mapping[str, Sequence[str]]) -> Iterator[str]:
    readings = [reading for train in trains for reading in train.readings]
    passed = {
        "WAGON": [reading.code for reading in readings],
        "CONTAINER": [code for reading in readings for code in reading.containers],
    }
    for kind, count in (("WAGON", WAGONS), ("CONTAINER", CONTAINERS)):
        if Counter(seen[kind]) != Counter(passed[kind]) or len(passed[kind]) != count:
            yield f"{len(seen[kind])} registrations of kind {kind}, where {len(passed[kind])} of {count} passed"


def _codes(text: str) -> Sequence[str]:
    _, _, listed = text.partition("): ")
    return listed.split(", ") if listed else []


def _plain(differences: Mapping[str, frozenset[str]]) -> str:
    return "; ".join(f"{kind} {', '.join(sorted(codes))}" for kind, codes in sorted(differences.items())) or "nothing"
