"""What is erased leaves no trace: none of its values in any table or body, at its site and the centre."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any, Final

from bus.dispatcher import Dispatcher
from domain.alarms.commands import AcknowledgeAlarm
from domain.crossings.commands import OpenCrossing
from domain.crossings.model import Subsystem
from domain.crossings.parts import Member, MemberRole, Parts
from domain.erasure.commands import Erase
from domain.occurrences.commands import CorrectOccurrence, RecordOccurrence
from domain.occurrences.model import OccurrenceKind
from domain.organisation.events import CheckpointSet, DeviceEnrolled, LegSet
from domain.organisation.model import View
from domain.registrations.commands import RegisterPersonByHand, TakeReadings
from domain.registrations.model import KeptPicture, Registration
from domain.registrations.readings import RadiationAlarm, RadiationMeasured, Weighed
from domain.shared.actors import Actor, Role
from domain.shared.views import Window
from tests.contracts.backends import Node, batch, memory
from tests.nodes import OFFICER
from tests.samples import MORNING, NODE, device, seen
from tests.terminals import checkpoints, legs

CAMERA = Actor(name="cam", roles=frozenset({Role.DEVICE}))
ADMINISTRATOR = Actor(name="ewa", roles=frozenset({Role.ADMINISTRATOR}), purpose="art. 17")
SECOND = timedelta(seconds=1)
VALUES: Final = (
    *("WXQ7A", "Wxq7a", "wxq-7a", "a1" * 32, "b2" * 32, "UNSAID-MAKE", "UNSAID-COLOUR", "UNSAID-TYPE"),
    *("UNSAID GAMMA", "UNSAID-NUCLIDE", "vendor-unsaid", "98765.4", "UNSAID-INCIDENT", "UNSAID-CORRECTED"),
    *("KOWALSKAUNSAID", "ZOFIAUNSAID", "ZZ7654321"),
)
"""What is said of those who are erased, in all its spellings, and of nothing else."""
EVENTS: Final = (
    *("ReadingTaken", "PicturesAdded", "Registered", "Rescreened", "PassagesLinked", "VehiclesPaired"),
    *("WeighingTaken", "RadiationTaken", "MeasurementPlaced", "AlarmRaised", "AlarmAcknowledged"),
    *("VisitOpened", "VisitContinued", "VisitAnomalyFound", "OccurrenceRecorded", "OccurrenceCorrected"),
    *("CrossingOpened", "RegistrationBound"),
)
"""Of what is recorded about them."""


def picture(hash_: str) -> KeptPicture:
    return KeptPicture(hash=hash_ * 32, size=1, media_type="image/png", shows="scene")


class _Post:
    """A terminal at which a lorry, its trailer and a person are registered."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._dispatcher = Dispatcher(NODE, node.changes)
        self._keys = count()

    async def build(self) -> None:
        cameras = (("gate-front", "gate", View.FRONT), ("gate-rear", "gate", View.REAR), ("end", "border", None))
        await self._node.record(
            *(CheckpointSet(checkpoint=one, set_by="jan", set_at=MORNING) for one in checkpoints(NODE)),
            *(LegSet(leg=one, set_by="jan", set_at=MORNING) for one in legs(NODE)),
            *(DeviceEnrolled(device=device(code=c, checkpoint=at, view=view, site=NODE)) for c, at, view in cameras),
        )

    async def see(self, code: str, plate: str, at: float, **fields: Any) -> None:
        said = {"make": "UNSAID-MAKE", "colour": "UNSAID-COLOUR", "vehicle_type": "UNSAID-TYPE", **fields}
        pictures = said.pop("pictures", (picture("a1"),))
        reading = seen(plate, device_time=MORNING + at * SECOND, country="PL", **said)
        await self.take(code, seen=(reading,), pictures=pictures)

    async def take(self, code: str, **content: Any) -> None:
        await self.do(TakeReadings(device=code, received_at=MORNING + timedelta(hours=1), **content), CAMERA)

    async def do(self, command: Any, actor: Actor = OFFICER) -> Any:
        return await self._dispatcher.dispatch(command, actor, key=str(next(self._keys)))

    async def registrations(self) -> Sequence[Registration]:
        return (await self._node.views.registrations(Window(limit=20))).items


async def all_happens(node: Node) -> tuple[str, ...]:
    """Have all that can be on record about a lorry and a person happen; return what is to be erased."""
    post = _Post(node)
    await post.build()
    await post.take("gate-front", weighed=(_weighed(),), radiation=(_measured(0),), pictures=(picture("b2"),))
    await post.see("gate-front", "wxq-7a", 1, vendor_id="vendor-unsaid", pictures=())
    await post.see("gate-front", "wxq-7a", 1, vendor_id="vendor-unsaid")
    await post.take(
        "gate-front", radiation=(_measured(1, RadiationAlarm(category="gamma", description="UNSAID GAMMA")),)
    )
    await post.see("gate-front", "Wxq7aBC", 2)
    await post.see("gate-front", "WXQ7AB", 1.5)
    others = {"make": None, "colour": None, "vehicle_type": None, "pictures": ()}
    await post.see("gate-rear", "LU9Y8V7", 4, **others)
    await post.see("end", "WXQ7A", 600)
    for plate in ("GD11111", "KR22222"):
        await post.see("end", plate, 900, **others)
    person = await post.do(
        RegisterPersonByHand(
            lane="lane-1",
            direction="inbound",
            surname="Kowalskaunsaid",
            given_names="Zofiaunsaid",
            nationality="POL",
            sex="F",
            birth_date=MORNING.date().replace(year=1931, month=5, day=17),
            document="ZZ7654321",
            issuer="POL",
        )
    )
    lorries = [one for one in await post.registrations() if one.label.startswith("WXQ7A")]
    await tell_of(post, lorries[0], person)
    for alarm in (await node.views.alarms(Window(limit=1))).items:
        await post.do(AcknowledgeAlarm(alarm_id=alarm.id))
    return (person.id, *(one.id for one in lorries))


async def tell_of(post: _Post, lorry: Registration, person: Registration) -> None:
    """Have officers tell of a lorry and a person."""
    told = await post.do(
        RecordOccurrence(kind=OccurrenceKind.INCIDENT, text="UNSAID-INCIDENT", registration_id=lorry.id, at=MORNING)
    )
    await post.do(
        CorrectOccurrence(occurrence_id=told.id, text="UNSAID-CORRECTED", at=MORNING, reason="It was otherwise")
    )
    members = (
        Member(registration_id=lorry.id, role=MemberRole.TRUCK),
        Member(registration_id=person.id, role=MemberRole.DRIVER),
    )
    put = Parts(lane="lane-1", direction="outbound", members=members, at=MORNING)
    await post.do(OpenCrossing(subsystem=Subsystem.SOC_T, put=put))


def _weighed() -> Weighed:
    blank: dict[str, Any] = dict.fromkeys(
        ("limit_kg", "speed_kmh", "length_m", "width_m", "height_m", "direction", "country")
    )
    return Weighed(
        vendor_id="weighing",
        device_time=MORNING,
        plate="wxq-7a",
        gross_kg=98765.4,
        axles_kg=(),
        axle_distances_m=(),
        retransmitted=False,
        **blank,
    )


def _measured(at: int, *alarms: RadiationAlarm) -> RadiationMeasured:
    return RadiationMeasured(
        vendor_id=f"radiation at {at}",
        device_time=MORNING + at * SECOND,
        seconds=4.0,
        occupied=True,
        alarms=alarms,
        nuclides=("UNSAID-NUCLIDE",),
        speed_kmh=None,
        lane=None,
        instrument=None,
    )


async def carry(source: Node, target: Node, origin: str) -> None:
    """Have a node apply what another recorded."""
    for held in await source.logs.held():
        here = await target.logs.find(held.log)
        first = 1 if here is None else here.head.seq + 1
        if held.log.origin == origin and first <= held.head.seq:
            await target.logs.apply([await batch(source.logs, held.log, first)], origin)


async def test_nothing_of_what_is_erased_is_left_anywhere(needy: Node) -> None:
    async with memory("centre") as centre:
        wanted = await all_happens(needy)
        await carry(needy, centre, NODE)
        missing = {each for each in VALUES if each not in await needy.spoil.told() + await centre.spoil.told()}
        assert missing == set()
        assert set(EVENTS) - {one.kind for one in needy.heard} == set()

        erase = Erase(ids=wanted, reason="On request", legal_basis="art. 17 RODO")
        await Dispatcher("centre", centre.changes).dispatch(erase, ADMINISTRATOR)
        await carry(centre, needy, "centre")

        assert [each for each in VALUES if each in await needy.spoil.told()] == []
        assert [each for each in VALUES if each in await centre.spoil.told()] == []
        assert {one.label for one in (await needy.views.registrations(Window(limit=20))).items} == {
            "LU9Y8V7",
            "GD11111",
            "KR22222",
        }
