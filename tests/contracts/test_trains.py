"""What is promised of trains: they come back whole, with what a list said before, and with what can be undone."""

from dataclasses import replace

from domain.identifiers.kinds import parse
from domain.trains import folding
from domain.trains.events import (
    DifferenceAccounted,
    TrainActUndone,
    TrainCorrected,
    TrainDeclared,
    TrainReopened,
    TrainStateChanged,
    WagonsControlled,
)
from domain.trains.model import (
    Account,
    AccountReason,
    DeclaredContainer,
    DeclaredWagon,
    DifferenceKind,
    Train,
    TrainState,
)
from tests.contracts.backends import Node
from tests.domain.shifts.left import train
from tests.samples import MORNING, NODE

BOX = DeclaredContainer(code=parse("container", "CSQU3054383"), goods="Meble", mass_kg=12_000.5)
WAGON = DeclaredWagon(code=parse("wagon", "315153850013"), goods="Blacha", mass_kg=80_000.0, containers=(BOX,))


async def test_a_corrected_list_comes_back_with_what_it_said_before(node: Node) -> None:
    declared = replace(train(TrainState.EXPECTED), node=NODE)
    correction = TrainCorrected(
        train_id=declared.id,
        number="4712",
        direction="inbound",
        track="3",
        expected_at=MORNING,
        wagons=(WAGON,),
        reason="przestawiony",
        by="anna",
        at=MORNING,
    )
    back = replace(correction, wagons=(), reason="jednak nie")
    await node.record(TrainDeclared(train=declared), correction, back)

    stands = await node.views.entity(Train, declared.id)
    assert stands == folding.correct(folding.correct(declared, correction), back)
    assert [each.wagons for each in stands.earlier] == [(), (WAGON,)]


async def test_what_was_undone_and_reopened_comes_back_with_what_can_be_undone(node: Node) -> None:
    declared = replace(train(TrainState.PASSED), node=NODE)
    told = {"train_id": declared.id, "by": "anna", "at": MORNING}
    account = Account(
        kind=DifferenceKind.WAGON_MISSING, code="1", reason=AccountReason.SET_OUT, text="", by="anna", at=MORNING
    )
    controlled = WagonsControlled(wagons=("1", "2"), why="RTG", **told)
    await node.record(
        TrainDeclared(train=declared),
        DifferenceAccounted(train_id=declared.id, account=account),
        controlled,
    )
    stands = await node.views.entity(Train, declared.id)
    assert stands is not None
    assert stands.before == replace(declared, accounts=(account,)).standing

    undone = TrainActUndone(standing=stands.before, what="in_control", **told)
    await node.record(undone)
    back = await node.views.entity(Train, declared.id)
    assert back == folding.undo(stands, undone)
    assert (back.state, back.in_control, back.accounts, back.before) == (TrainState.PASSED, (), (account,), None)

    released = TrainStateChanged(state=TrainState.RELEASED, **told)
    await node.record(released, TrainReopened(state=TrainState.PASSED, why="pomyłka", **told))
    again = await node.views.entity(Train, declared.id)
    assert again is not None
    assert (again.state, again.before) == (TrainState.PASSED, None)
    assert [step.what for step in again.steps[-3:]] == ["undone", "released", "reopened"]
