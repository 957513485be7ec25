"""A list with impossible wagons, and what officers do with a train."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.identifiers.wagons import WAGON
from domain.shared.errors import NotHere, Refusal
from domain.shared.texts import TextMissing
from domain.trains.commands import (
    AccountForDifference,
    CancelTrain,
    ContainerListed,
    ControlWagons,
    RefuseTrain,
    ReleaseTrain,
    WagonListed,
)
from domain.trains.consist import doubts
from domain.trains.errors import (
    ConsistCodeUnreadable,
    ConsistLengthImpossible,
    ContainerTwice,
    DifferencesUnaccounted,
    DifferenceUnknown,
    TrainChangedMeanwhile,
    TrainStateForbids,
    TrainUnknown,
    WagonMassImpossible,
    WagonNotOfTrain,
    WagonTwice,
)
from domain.trains.model import AccountReason, DifferenceKind, Train, TrainState
from tests.domain.trains.conftest import BOXES, WAGONS, Yard, declaration, listed, passing
from tests.nodes import NodeInMemory, carry
from tests.samples import new_id

MANY = tuple(WagonListed(code=f"5{number:07}") for number in range(201))


@pytest.mark.parametrize(
    ("wagons", "refusal", "facts"),
    [
        ((), ConsistLengthImpossible, {"wagons": 0}),
        (MANY, ConsistLengthImpossible, {"wagons": 201}),
        ((*listed(), WagonListed(code=" - ")), ConsistCodeUnreadable, {"places": ["7"]}),
        (
            (WagonListed(code=WAGONS[0], containers=(ContainerListed(code=""),)),),
            ConsistCodeUnreadable,
            {"places": ["1/1"]},
        ),
        (
            (*listed(), WagonListed(code="31 51 5385 001-3")),
            WagonTwice,
            {"places": ["1", "7"], "codes": ("315153850013",)},
        ),
        (
            (*listed(), WagonListed(code="52345675", containers=(ContainerListed(code=BOXES[1]),))),
            ContainerTwice,
            {"places": ["2/1", "7/1"], "codes": (BOXES[1],)},
        ),
        ((WagonListed(code="52345675", mass_kg=200_001),), WagonMassImpossible, {"places": ["1"]}),
        (
            (WagonListed(code="52345675", containers=(ContainerListed(code=BOXES[0], mass_kg=-1),)),),
            WagonMassImpossible,
            {"places": ["1/1"]},
        ),
        ((WagonListed(code="52345675", mass_kg=float("nan")),), WagonMassImpossible, {"places": ["1"]}),
    ],
)
async def test_a_list_that_cannot_be_names_its_places(
    site: NodeInMemory, wagons: Sequence[WagonListed], refusal: type[Refusal], facts: dict[str, Any]
) -> None:
    with pytest.raises(refusal) as refused:
        await site.do(declaration(wagons=wagons))
    assert (refused.value.path, refused.value.facts) == (("wagons",), facts)


async def test_what_is_hard_to_believe_is_kept_and_told(site: NodeInMemory) -> None:
    odd = ("31 51 5385 001-2", "5234567", "0234567" + "0", "ABCD1234")
    boxes = (ContainerListed(code="CSQU3054384"),)
    train = await site.do(declaration(wagons=(*map(_wagon, odd), WagonListed(code=WAGONS[0], containers=boxes))))
    told = [(doubt.wagon, doubt.container, doubt.why) for doubt in doubts(train.wagons)]
    assert told == [
        (1, None, "check_digit"),
        (2, None, "length"),
        *([(3, None, "check_digit")] if WAGON.read(odd[2]).check == "fails" else []),
        (3, None, "passenger_coach"),
        (4, None, "characters"),
        (5, 1, "check_digit"),
    ]


async def test_two_hundred_wagons_are_one_train(site: NodeInMemory) -> None:
    train = await site.do(declaration(wagons=MANY[:200]))
    stands = await site.views.entity(Train, train.id)
    assert stands is not None
    assert len(stands.wagons) == 200


async def test_a_train_goes_on_when_every_difference_is_accounted_for(yard: Yard) -> None:
    train = await yard.site.do(declaration())
    await yard.read(*passing(WAGONS[:5]))
    await yard.tell()
    train = await yard.train(train.id)
    with pytest.raises(DifferencesUnaccounted) as refused:
        await yard.site.do(ReleaseTrain(train_id=train.id, version=train.version))
    assert refused.value.facts == {"kinds": ("wagon_missing",), "codes": ("315153850062",)}

    train = await yard.site.do(
        ControlWagons(train_id=train.id, version=train.version, wagons=("315153850013",), reason="X-ray")
    )
    assert (train.state, train.in_control) == (TrainState.IN_CONTROL, ("315153850013",))
    account = AccountForDifference(
        train_id=train.id,
        version=train.version,
        kind=DifferenceKind.WAGON_MISSING,
        code="315153850062",
        reason=AccountReason.SET_OUT,
        text="hot axle box",
    )
    with pytest.raises(DifferenceUnknown):
        await yard.site.do(replace(account, code="315153850013"))
    train = await yard.site.do(account)
    released = await yard.site.do(ReleaseTrain(train_id=train.id, version=train.version))
    assert released == await yard.train(train.id)
    assert [step.what for step in released.steps] == [
        "declared",
        "passing",
        "passed",
        "in_control",
        "accounted",
        "released",
    ]
    with pytest.raises(TrainStateForbids):
        await yard.site.do(RefuseTrain(train_id=train.id, version=released.version, reason="x"))


async def test_two_officers_do_not_overwrite_each_other(site: NodeInMemory) -> None:
    train = await site.do(declaration())
    with pytest.raises(TrainChangedMeanwhile) as refused:
        await site.do(CancelTrain(train_id=train.id, version=train.version + 1, reason="x"))
    assert refused.value.facts == {"version": 1}
    with pytest.raises(TextMissing):
        await site.do(CancelTrain(train_id=train.id, version=train.version, reason=" "))
    cancelled = await site.do(CancelTrain(train_id=train.id, version=train.version, reason="does not come"))
    assert (cancelled.state, cancelled.version) == (TrainState.CANCELLED, 2)


async def test_what_is_not_so_is_refused(yard: Yard, centre: NodeInMemory) -> None:
    train = await yard.site.do(declaration())
    await carry(yard.site, centre)
    with pytest.raises(NotHere):
        await centre.do(CancelTrain(train_id=train.id, version=1, reason="x"))
    with pytest.raises(TrainUnknown):
        await yard.site.do(CancelTrain(train_id=new_id(), version=1, reason="x"))
    with pytest.raises(TrainStateForbids):
        await yard.site.do(ReleaseTrain(train_id=train.id, version=1))
    await yard.read(*passing())
    await yard.tell()
    passed = await yard.train(train.id)
    with pytest.raises(WagonNotOfTrain):
        await yard.site.do(ControlWagons(train_id=train.id, version=passed.version, wagons=("1",), reason="x"))
    refused = await yard.site.do(RefuseTrain(train_id=train.id, version=passed.version, reason="no papers"))
    assert refused.state is TrainState.REFUSED


def _wagon(code: str) -> WagonListed:
    return WagonListed(code=code)
