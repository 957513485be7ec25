"""What takes back something that was done with a train: reopening a decision, undoing one's own last act."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.shared.errors import NotHere
from domain.shared.messages import Command
from domain.shared.texts import TextMissing
from domain.trains.commands import (
    AccountForDifference,
    CancelTrain,
    ControlWagons,
    LinkTrainPassage,
    RefuseTrain,
    ReleaseTrain,
    ReopenTrain,
    UndoTrainAct,
)
from domain.trains.errors import (
    DifferencesUnaccounted,
    TrainActNotUndone,
    TrainActNotYours,
    TrainChangedMeanwhile,
    TrainStateForbids,
    TrainUndoTooLate,
    TrainUnknown,
)
from domain.trains.model import AccountReason, DifferenceKind, Train, TrainState
from domain.trains.taking_back import UNDO_WITHIN
from tests.domain.trains.conftest import WAGONS, Yard, declaration, passing
from tests.nodes import OFFICER, NodeInMemory, carry
from tests.samples import new_id

FIRST, LAST = (code.replace("-", "") for code in (WAGONS[0], WAGONS[-1]))
COLLEAGUE = replace(OFFICER, name="dorota")


async def on(yard: Yard, train: Train, command: type[Command], **fields: Any) -> Train:
    """Do something with a train as it is."""
    build: Any = command
    done: Train = await yard.site.do(build(train_id=train.id, version=train.version, **fields))
    return done


async def passed(yard: Yard, *, without_last: bool = False) -> Train:
    """Return a train that has passed, as declared or without its last wagon."""
    train = await yard.site.do(declaration())
    await yard.read(*passing(WAGONS[:-1] if without_last else WAGONS))
    await yard.tell()
    return await yard.train(train.id)


async def accounted(yard: Yard, train: Train, reason: AccountReason = AccountReason.SET_OUT) -> Train:
    missing = {"kind": DifferenceKind.WAGON_MISSING, "code": LAST, "reason": reason, "text": ""}
    return await on(yard, train, AccountForDifference, **missing)


@pytest.mark.parametrize(("decide", "why"), [(ReleaseTrain, {}), (RefuseTrain, {"reason": "brak dokumentów"})])
async def test_a_decision_is_reopened_with_a_reason_and_stays_on_record(
    yard: Yard, decide: type[Command], why: dict[str, str]
) -> None:
    decided = await on(yard, await passed(yard), decide, **why)
    yard.site.clock.set(yard.site.clock.now() + timedelta(days=1))
    with pytest.raises(TextMissing):
        await on(yard, decided, ReopenTrain, reason=" ")
    reopened = await on(yard, decided, ReopenTrain, reason="znaleziono paczkę")

    assert (reopened.state, reopened.version) == (TrainState.PASSED, decided.version + 1)
    assert [step.what for step in reopened.steps[-2:]] == [decided.state.value, "reopened"]
    assert (reopened.steps[-1].by, reopened.steps[-1].why) == ("anna", "znaleziono paczkę")
    with pytest.raises(TrainStateForbids):
        await on(yard, reopened, ReopenTrain, reason="jeszcze raz")
    with pytest.raises(TrainActNotUndone):
        await on(yard, reopened, UndoTrainAct)
    controlled = await on(yard, reopened, ControlWagons, wagons=(FIRST,), reason="RTG")
    assert (await on(yard, controlled, RefuseTrain, reason="przemyt")).state is TrainState.REFUSED


async def test_wagons_that_were_in_control_still_are(yard: Yard) -> None:
    controlled = await on(yard, await passed(yard), ControlWagons, wagons=(FIRST,), reason="RTG")
    released = await on(yard, controlled, ReleaseTrain)
    reopened = await on(yard, released, ReopenTrain, reason="RTG jeszcze trwa")
    assert (reopened.state, reopened.in_control) == (TrainState.IN_CONTROL, (FIRST,))


async def test_what_was_read_after_the_release_is_to_be_accounted_for_when_it_is_reopened(yard: Yard) -> None:
    released = await on(yard, await passed(yard), ReleaseTrain)
    (extra,) = passing(["31515385009-6"])
    await yard.read(replace(extra, position=7))
    reopened = await on(yard, await yard.train(released.id), ReopenTrain, reason="doczepiony wagon")
    with pytest.raises(DifferencesUnaccounted) as refused:
        await on(yard, reopened, ReleaseTrain)
    assert refused.value.facts["kinds"] == ("wagon_extra",)


@pytest.mark.parametrize("take_back", [ReopenTrain, UndoTrainAct])
async def test_a_train_that_comes_after_all_is_expected_again_or_found_to_have_passed(
    yard: Yard, take_back: type[Command]
) -> None:
    why = {"reason": "jednak jedzie"} if take_back is ReopenTrain else {}
    train = await yard.site.do(declaration())
    cancelled = await on(yard, train, CancelTrain, reason="odwołany")
    train = await on(yard, cancelled, take_back, **why)
    assert (train.state, await yard.passages()) == (TrainState.EXPECTED, [])

    cancelled = await on(yard, train, CancelTrain, reason="odwołany")
    await yard.read(*passing())
    await yard.tell()
    assert (await yard.passages())[0].train_id is None
    train = await on(yard, cancelled, take_back, **why)
    assert (train.state, (await yard.passages())[0].train_id) == (TrainState.PASSED, train.id)
    assert await yard.alarms() == {}


async def test_ones_own_last_act_is_undone_and_stays_on_record(yard: Yard) -> None:
    train = await passed(yard, without_last=True)
    controlled = await on(yard, train, ControlWagons, wagons=(FIRST,), reason="RTG")
    more = await on(yard, controlled, ControlWagons, wagons=(FIRST, LAST), reason="pies")
    back = await on(yard, more, UndoTrainAct)
    assert (back.state, back.in_control) == (TrainState.IN_CONTROL, (FIRST,))

    first = await accounted(yard, back)
    again = await accounted(yard, first, AccountReason.MISREAD)
    assert [each.reason for each in (await on(yard, again, UndoTrainAct)).accounts] == [AccountReason.SET_OUT]

    released = await on(yard, await yard.train(train.id), ReleaseTrain)
    undone = await on(yard, released, UndoTrainAct)
    assert (undone.state, undone.version) == (TrainState.IN_CONTROL, released.version + 1)
    step = undone.steps[-1]
    assert (step.what, step.by, step.why) == ("undone", "anna", "released")
    with pytest.raises(TrainActNotUndone) as refused:
        await on(yard, undone, UndoTrainAct)
    assert refused.value.facts == {"step": ("undone",)}


async def test_the_first_wagon_that_is_not_taken_to_control_after_all_leaves_the_train_as_it_passed(yard: Yard) -> None:
    train = await passed(yard)
    controlled = await on(yard, train, ControlWagons, wagons=(FIRST,), reason="RTG")
    back = await on(yard, controlled, UndoTrainAct)
    assert (back.state, back.in_control) == (TrainState.PASSED, ())
    (passage,) = await yard.passages()
    await yard.site.do(LinkTrainPassage(passage_id=passage.id, train_id=None))
    assert (await yard.train(train.id)).state is TrainState.EXPECTED


async def test_another_officers_act_or_one_of_long_ago_is_not_undone(yard: Yard) -> None:
    train = await passed(yard)
    with pytest.raises(TrainActNotUndone) as refused:
        await on(yard, train, UndoTrainAct)
    assert refused.value.facts == {"step": ("passed",)}
    released = await on(yard, train, ReleaseTrain)
    undo = UndoTrainAct(train_id=released.id, version=released.version)
    with pytest.raises(TrainActNotYours):
        await yard.site.do(undo, COLLEAGUE)
    with pytest.raises(TrainChangedMeanwhile):
        await yard.site.do(replace(undo, version=train.version))
    with pytest.raises(TrainUnknown):
        await yard.site.do(replace(undo, train_id=new_id()))
    yard.site.clock.set(yard.site.clock.now() + UNDO_WITHIN)
    await yard.site.do(undo, key="in time")
    again = await on(yard, await yard.train(train.id), ReleaseTrain)
    yard.site.clock.set(yard.site.clock.now() + UNDO_WITHIN + timedelta(seconds=1))
    with pytest.raises(TrainUndoTooLate):
        await on(yard, again, UndoTrainAct)


async def test_its_site_alone_takes_something_back_and_others_see_it(yard: Yard, centre: NodeInMemory) -> None:
    released = await on(yard, await passed(yard), ReleaseTrain)
    undone = await on(yard, released, UndoTrainAct)
    reopened = await on(yard, await on(yard, undone, ReleaseTrain), ReopenTrain, reason="RTG")
    await carry(yard.site, centre)
    assert await centre.views.entity(Train, reopened.id) == reopened
    for command in (
        ReopenTrain(train_id=reopened.id, version=reopened.version, reason="x"),
        UndoTrainAct(train_id=reopened.id, version=reopened.version),
    ):
        with pytest.raises(NotHere):
            await centre.do(command)
