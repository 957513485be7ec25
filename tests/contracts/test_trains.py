"""What is promised of trains: a list that was corrected comes back whole, with what it said before."""

from dataclasses import replace

from domain.identifiers.kinds import parse
from domain.trains import folding
from domain.trains.events import TrainCorrected, TrainDeclared
from domain.trains.model import DeclaredContainer, DeclaredWagon, Train, TrainState
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
