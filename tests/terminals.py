"""A terminal in miniature, as the organisation knows it, and vehicles that are registered in it."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from domain.identifiers.plates import plate
from domain.organisation.events import (
    Checkpoint,
    CheckpointKind,
    CheckpointSet,
    DeviceEnrolled,
    Leg,
    LegSet,
    Plan,
    Requirement,
)
from domain.organisation.model import View
from domain.visits.model import Point
from tests.nodes import OFFICER, NodeInMemory
from tests.samples import MORNING, device, new_id

SITE: Final = "koroszczyn"
WAY: Final = (
    ("pre-gate", CheckpointKind.PRE_GATE),
    ("gate", CheckpointKind.GATE),
    ("scale", CheckpointKind.WEIGHING),
    ("desk", CheckpointKind.DESK),
    ("road", CheckpointKind.CUSTOMS_ROAD),
    ("border", CheckpointKind.BORDER),
)
CODES: Final = tuple(code for code, _ in WAY)
LONGEST: Final = timedelta(minutes=30)
BOTH: Final = (Requirement(direction="outbound"), Requirement(direction="inbound"))


def checkpoints(site: str = SITE) -> tuple[Checkpoint, ...]:
    """Return the checkpoints, all of which everybody must pass, and one that nobody must."""
    needed = [Checkpoint(id=new_id(), site=site, code=code, kind=kind, required=BOTH) for code, kind in WAY]
    special = Checkpoint(id=new_id(), site=site, code="special", kind=CheckpointKind.SPECIAL_CONTROL)
    return (*needed, special)


def legs(site: str = SITE) -> tuple[Leg, ...]:
    """Return the legs of both directions; special control lies between scale and desk."""
    steps = [*pairwise(CODES), ("scale", "special"), ("special", "desk")]
    back = [(target, origin) for origin, target in steps]
    return tuple(
        Leg(id=new_id(), site=site, origin=origin, target=target, direction=direction, longest=LONGEST)
        for direction, way in (("outbound", steps), ("inbound", back))
        for origin, target in way
    )


PLAN: Final = Plan.of(checkpoints(), legs())


def point(checkpoint: str, minute: float, read: str = "WGM1A23", direction: str = "outbound") -> Point:
    """Return a point so many minutes after the morning began."""
    known = plate(read)
    return Point(
        id=new_id(),
        checkpoint=checkpoint,
        at=MORNING + timedelta(minutes=minute),
        direction=direction,
        plate=known.canonical,
        folded=known.folded,
    )


async def build(node: NodeInMemory) -> None:
    """Put the terminal on the books of a node, with a camera at each checkpoint for each direction."""
    events = [
        *(CheckpointSet(checkpoint=one, set_by="jan", set_at=MORNING) for one in checkpoints(node.name)),
        *(LegSet(leg=one, set_by="jan", set_at=MORNING) for one in legs(node.name)),
        *(
            DeviceEnrolled(
                device=device(code=f"{code}-{way}{end}", site=node.name, checkpoint=code, direction=way, view=view)
            )
            for code in (*CODES, "special")
            for way in ("outbound", "inbound")
            for end, view in (("", View.FRONT), ("-rear", View.REAR))
        ),
    ]
    for event in events:
        await node.changes.run(OFFICER, lambda change, event=event: change.record(event))


def minutes(count: float) -> datetime:
    """Return the time so many minutes after the morning began."""
    return MORNING + timedelta(minutes=count)
