"""Something of what requests name by an id, on record at a node."""

from collections.abc import Sequence
from datetime import timedelta

from api.ids import global_id
from domain.alarms.events import AlarmRaised
from domain.crossings.events import CrossingOpened
from domain.crossings.parts import MemberRole
from domain.registrations.events import Registered
from domain.shared.messages import Event
from domain.trains.events import TrainDeclared, TrainPassageBegan
from domain.trains.model import TrainPassage, TrainState
from domain.visits.events import VisitOpened
from domain.watchlist.events import EntryActivated
from tests.api.nodes import Node
from tests.domain.shifts.left import train, visit
from tests.samples import MORNING, alarm, crossed, entry, new_id, push_quarantined, registration

OF_EACH = 4


async def stock(node: Node) -> Sequence[str]:
    """Put a camera and several of everything else on record; return the ids."""
    await node.enrol()
    known = [global_id("Device", "cam-1")]
    for number in range(OF_EACH):
        node.clock.set(MORNING + timedelta(minutes=number))
        events, ids = _some(node.doors.node)
        await node.record(*events)
        known += ids
    return known


def _some(node: str) -> tuple[Sequence[Event], Sequence[str]]:
    car, held, away = registration(node=node), push_quarantined(node=node), visit()
    passage = TrainPassage(
        id=new_id(),
        node=node,
        checkpoint="portal",
        lane="lane-1",
        track="2",
        number="4711",
        began_at=MORNING,
        last_at=MORNING,
        read=(),
    )
    opened, *bound = crossed({car.id: MemberRole.CAR}, node=node)
    assert isinstance(opened, CrossingOpened)
    sought, raised, wagons = entry(), alarm(node=node, registration_id=car.id), train(TrainState.EXPECTED)
    events = (
        Registered(registration=car),
        opened,
        *bound,
        AlarmRaised(alarm=raised),
        held,
        VisitOpened(visit=away),
        TrainDeclared(train=wagons),
        TrainPassageBegan(passage=passage),
        EntryActivated(entry=sought),
    )
    ids = {
        "Registration": car.id,
        "Crossing": opened.crossing.id,
        "Alarm": raised.id,
        "QuarantinedPush": held.push_id,
        "Visit": away.id,
        "Train": wagons.id,
        "TrainPassage": passage.id,
        "WatchlistEntry": sought.id,
    }
    return events, [global_id(kind, local) for kind, local in ids.items()]
