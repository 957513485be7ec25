"""A day of trains: what is planted follows from the seed, and is what a comparison must find."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from domain.identifiers.containers import CONTAINER
from domain.identifiers.wagons import WAGON
from domain.trains.comparison import Verdict
from domain.trains.model import (
    CodeOfTrain,
    DeclaredContainer,
    DeclaredWagon,
    Train,
    TrainPassage,
)
from domain.trains.side_by_side import TrainComparison, side_by_side
from sites.days.rail import DayTrain, trains_of_a_day

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_day_is_that_of_malaszewicze_and_the_same_for_the_same_seed() -> None:
    trains = trains_of_a_day(MIDNIGHT, 1)
    assert trains == trains_of_a_day(MIDNIGHT, 1) != trains_of_a_day(MIDNIGHT, 2)
    counts = {
        way: (
            len(those),
            sum(len(train.readings) for train in those),
            sum(len(reading.containers) for train in those for reading in train.readings),
        )
        for way in ("inbound", "outbound")
        if (those := [train for train in trains if train.direction == way])
    }
    assert counts == {"inbound": (5, 155, 306), "outbound": (6, 153, 117)}


@pytest.mark.parametrize("seed", range(8))
def test_what_is_planted_is_what_a_comparison_finds(seed: int) -> None:
    trains = [train for train in trains_of_a_day(MIDNIGHT, seed) if train.declared is not None]
    assert len(trains) == 10
    for train in trains:
        comparison = compared(train)
        found = {each.kind.value: frozenset(each.codes) for each in comparison.differences}
        assert (found, comparison.reversed) == (train.planted, train.is_reversed), train.told
        misread = {line.declared for line in comparison.lines if line.verdict is Verdict.MISREAD}
        assert misread == train.misread


def test_every_kind_of_anomaly_is_planted() -> None:
    trains = trains_of_a_day(MIDNIGHT, 1)
    assert {kind for train in trains for kind in train.planted} == {
        "train_undeclared",
        "wagon_missing",
        "wagon_extra",
        "wagon_moved",
        "container_missing",
        "container_extra",
        "container_moved",
    }
    assert sum(len(train.misread) for train in trains) == 1
    for planted in ("late", "repeated"):
        assert sum(getattr(train, planted) is not None for train in trains) == 1
    assert [train.is_reversed for train in trains].count(True) == [train.ends for train in trains].count(False) == 1


def compared(train: DayTrain) -> TrainComparison:
    wagons = tuple(
        DeclaredWagon(
            code=WAGON.read(wagon.code),
            containers=tuple(DeclaredContainer(code=CONTAINER.read(code)) for code in wagon.containers),
        )
        for wagon in train.declared or ()
    )
    declared = Train(
        id="",
        node="",
        number=train.number,
        direction=train.direction,
        track=train.track,
        expected_at=train.at,
        wagons=wagons,
        declared_by="",
        declared_at=train.at,
    )
    passage = TrainPassage(
        id="", node="", checkpoint="", lane="", track="", number="", began_at=train.at, last_at=train.at
    )
    for code in _read(train):
        passage = passage.reading(code)
    return side_by_side(declared, passage)


def _read(train: DayTrain) -> Iterator[CodeOfTrain]:
    for reading in train.readings:
        for kind, raw in (("wagon", reading.code), *(("container", code) for code in reading.containers)):
            identifier = (WAGON if kind == "wagon" else CONTAINER).read(raw)
            yield CodeOfTrain(
                registration_id=raw,
                kind=kind,
                canonical=identifier.canonical,
                holds=identifier.check == "holds",
                position=reading.place,
                seen_at=reading.at,
            )
