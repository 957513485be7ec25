"""From what a portal reads to a passage, its list, what differs, and alarms."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.shared.messages import Command
from domain.trains.commands import ControlWagons, CorrectTrain, EndTrainPassage, LinkTrainPassage, ReleaseTrain
from domain.trains.errors import (
    TrainPassageEndedAlready,
    TrainPassageLinkedAlready,
    TrainPassageNotLinked,
    TrainStateForbids,
)
from domain.trains.model import LISTS_MAX, DifferenceKind, Train, TrainState
from tests.domain.trains.conftest import BOXES, WAGONS, Yard, declaration, listed, passing


async def declared(yard: Yard, **fields: object) -> Train:
    train: Train = await yard.site.do(declaration(**fields))
    return train


async def test_a_train_as_declared_raises_nothing(yard: Yard) -> None:
    train = await declared(yard)
    await yard.read(*passing())
    assert (await yard.train(train.id)).state is TrainState.PASSING
    await yard.tell()

    (passage,) = await yard.passages()
    assert (passage.train_id, passage.is_over, passage.differences) == (train.id, True, ())
    assert [code.position for code in passage.wagons()] == [1, 2, 3, 4, 5, 6]
    assert (await yard.train(train.id)).state is TrainState.PASSED
    assert await yard.alarms() == {}


async def test_one_alarm_for_each_kind_of_difference(yard: Yard) -> None:
    await declared(yard)
    wagons = [WAGONS[1], WAGONS[0], WAGONS[2], WAGONS[4], "31515385009-6"]
    await yard.read(*passing(wagons))
    await yard.tell()

    alarms = await yard.alarms()
    assert set(alarms) == {
        DifferenceKind.WAGON_MISSING,
        DifferenceKind.WAGON_EXTRA,
        DifferenceKind.WAGON_MOVED,
        DifferenceKind.CONTAINER_MISSING,
    }
    assert alarms[DifferenceKind.WAGON_MISSING].endswith("(2): 315153850047, 315153850062")
    assert alarms[DifferenceKind.CONTAINER_MISSING].endswith(f"(1): {BOXES[3]}")


async def test_a_late_reading_ends_the_alarm_that_it_explains(yard: Yard) -> None:
    await declared(yard)
    codes = passing()
    await yard.read(*codes[:-1])
    await yard.tell()
    assert set(await yard.alarms()) == {DifferenceKind.WAGON_MISSING}
    await yard.read(codes[-1])
    assert await yard.alarms() == {}
    await yard.read(codes[-1])
    await yard.tell()
    assert len(yard.site.happened("TrainCompared")) == 2


async def test_a_container_on_another_wagon_is_moved(yard: Yard) -> None:
    await declared(yard)
    codes = passing()
    box = next(code for code in codes if code.code == BOXES[0])
    codes[codes.index(box)] = replace(box, position=5)
    await yard.read(*codes)
    await yard.tell()
    assert await yard.alarms() == {
        DifferenceKind.CONTAINER_MOVED: f"Containers on another wagon than declared (1): {BOXES[0]}"
    }


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_in_which_readings_arrive_makes_no_difference(yard: Yard, seed: int) -> None:
    await declared(yard)
    codes = [*passing([*WAGONS[:4], "31515385009-6"]), None]
    random.Random(seed).shuffle(codes)  # noqa: S311 - repeatable, not secret
    for code in codes:
        if code is None:
            await yard.tell()
        else:
            await yard.read(code)

    (passage,) = await yard.passages()
    assert [code.canonical for code in passage.wagons()][3:] == ["315153850047", "315153850096"]
    assert set(await yard.alarms()) == {DifferenceKind.WAGON_MISSING, DifferenceKind.WAGON_EXTRA}


async def test_a_train_without_a_list_is_told_once_and_explained_by_a_list_that_comes_late(yard: Yard) -> None:
    await yard.read(*passing())
    await yard.tell()
    assert set(await yard.alarms()) == {DifferenceKind.TRAIN_UNDECLARED}

    train = await declared(yard)
    assert train.state is TrainState.PASSED
    assert await yard.alarms() == {}


async def test_a_train_of_another_number_is_known_by_its_wagons(yard: Yard) -> None:
    train = await declared(yard, number="91002")
    await yard.read(*passing(WAGONS[:3]))
    assert (await yard.train(train.id)).state is TrainState.EXPECTED
    await yard.tell()
    (passage,) = await yard.passages()
    assert (passage.train_id, passage.label) == (train.id, "91002")


async def test_too_few_common_wagons_make_no_train(yard: Yard) -> None:
    train = await declared(yard, number="91002")
    await yard.read(*passing(WAGONS[:2]))
    await yard.tell()
    assert set(await yard.alarms()) == {DifferenceKind.TRAIN_UNDECLARED}

    (passage,) = await yard.passages()
    await yard.site.do(LinkTrainPassage(passage_id=passage.id, train_id=train.id))
    assert DifferenceKind.TRAIN_UNDECLARED not in await yard.alarms()
    with pytest.raises(TrainPassageLinkedAlready):
        await yard.site.do(LinkTrainPassage(passage_id=passage.id, train_id=train.id))
    await yard.site.do(LinkTrainPassage(passage_id=passage.id, train_id=None))
    assert set(await yard.alarms()) == {DifferenceKind.TRAIN_UNDECLARED}
    assert (await yard.train(train.id)).state is TrainState.EXPECTED
    with pytest.raises(TrainPassageNotLinked):
        await yard.site.do(LinkTrainPassage(passage_id=passage.id, train_id=None))


@pytest.mark.parametrize("decide", [ControlWagons, ReleaseTrain])
async def test_a_train_that_somebody_has_acted_on_keeps_its_passage(yard: Yard, decide: type[Command]) -> None:
    train = await declared(yard)
    await yard.read(*passing())
    await yard.tell()
    fields: Any = {"wagons": (WAGONS[0].replace("-", ""),), "reason": "RTG"} if decide is ControlWagons else {}
    version = (await yard.train(train.id)).version
    build: Any = decide
    await yard.site.do(build(train_id=train.id, version=version, **fields))

    (passage,) = await yard.passages()
    with pytest.raises(TrainStateForbids):
        await yard.site.do(LinkTrainPassage(passage_id=passage.id, train_id=None))
    assert (await yard.passages())[0].train_id == train.id


async def test_the_next_train_on_the_track_or_an_officer_ends_a_passage(yard: Yard) -> None:
    await yard.read(*passing())
    (later,) = passing(["31515385009-6"], train="4712")
    await yard.read(replace(later, device_time=(later.device_time or yard.began) + timedelta(minutes=1)))
    second, first = await yard.passages()
    assert (first.ended_by, second.ended_by) == ("next_train", "")
    await yard.site.do(EndTrainPassage(passage_id=second.id))
    assert (await yard.passages())[0].ended_by == "anna"
    with pytest.raises(TrainPassageEndedAlready):
        await yard.site.do(EndTrainPassage(passage_id=second.id))


async def test_a_list_that_is_corrected_is_compared_anew(yard: Yard) -> None:
    train = await declared(yard)
    await yard.read(*passing(WAGONS[:5]))
    await yard.tell()
    assert set(await yard.alarms()) == {DifferenceKind.WAGON_MISSING}
    stands = await yard.train(train.id)
    given = declaration()
    await yard.site.do(
        CorrectTrain(
            train_id=train.id,
            version=stands.version,
            number=given.number,
            direction=given.direction,
            track=given.track,
            expected_at=given.expected_at,
            wagons=listed(WAGONS[:5]),
            reason="wagon stayed in Brest",
        )
    )
    assert await yard.alarms() == {}
    corrected = await yard.train(train.id)
    (first,) = corrected.earlier
    assert (first.number, first.wagons) == (train.number, train.wagons)
    assert (first.corrected_by, first.reason, corrected.corrections) == ("anna", "wagon stayed in Brest", 1)


async def test_of_many_lists_the_first_and_the_newest_are_kept(yard: Yard) -> None:
    train, given = await declared(yard), declaration()
    for number in range(LISTS_MAX + 2):
        train = await yard.site.do(
            CorrectTrain(
                train_id=train.id,
                version=train.version,
                number=f"{number}",
                direction=given.direction,
                track=given.track,
                expected_at=given.expected_at,
                wagons=given.wagons,
                reason="x",
            )
        )
    said = [each.number for each in train.earlier]
    assert (said[0], said[1:]) == (given.number, [f"{number}" for number in range(2, LISTS_MAX + 1)])
    assert (train.corrections, len(said)) == (LISTS_MAX + 2, LISTS_MAX)


async def test_what_another_camera_misread_at_the_place_of_a_wagon_is_no_wagon(yard: Yard) -> None:
    await declared(yard)
    misread = replace(passing()[0], vendor_id="other", code="3151538", position=1)
    for code in (misread, *passing()):
        await yard.read(code)
    await yard.tell()

    (passage,) = await yard.passages()
    assert len(passage.wagons()) == len(WAGONS)
    assert await yard.alarms() == {}


async def test_of_trains_of_one_number_the_one_expected_about_now_has_passed(yard: Yard) -> None:
    await declared(yard, expected_at=yard.began - timedelta(days=7))
    train = await declared(yard, expected_at=yard.began + timedelta(hours=2))
    await yard.read(passing()[0])
    (passage,) = await yard.passages()
    assert passage.train_id == train.id


async def test_a_list_that_comes_late_is_that_of_its_number_first(yard: Yard) -> None:
    await yard.read(*passing(WAGONS[:3], train="1"))
    await yard.tell("1")
    await yard.read(*[replace(code, track="3") for code in passing(WAGONS[3:], train="4711")])
    other, alike = await yard.passages()
    train = await declared(yard)
    stands = {passage.id: passage.train_id for passage in await yard.passages()}
    assert stands == {other.id: train.id, alike.id: None}
