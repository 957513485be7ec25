"""Visits: where vehicles were seen in a terminal, and what is odd."""

from datetime import datetime

import strawberry

from api.context import Info
from api.fields import computed
from api.objects.lens import Node, described, id_of, lens, optional_id_of
from domain.organisation.layout import Leg
from domain.visits import model
from domain.visits.model import AnomalyKind, VisitState

strawberry.enum(AnomalyKind, description="What is odd about a visit.")
strawberry.enum(VisitState, description="How far a visit has come.")


@lens(model.Point, description="A vehicle, or a part of one, was registered at a checkpoint.")
class VisitPoint:
    """A point of a visit."""

    registration_id: strawberry.ID = id_of("Registration", "id", "Its registration.")
    checkpoint: str = described("Code of the checkpoint.")
    at: datetime = described("When it was seen there.")
    direction: str = described("`inbound` or `outbound`.")
    plate: str = described("The plate as it was read.")


@lens(model.Pair, description="Two registrations at one checkpoint are of a tractor and the trailer behind it.")
class VisitPair:
    """A tractor and its trailer."""

    tractor_id: strawberry.ID = id_of("Registration", "tractor", "Registration of the tractor.")
    trailer_id: strawberry.ID = id_of("Registration", "trailer", "Registration of the trailer.")


@lens(model.Weight, description="What a scale said of the vehicle.")
class VisitWeight:
    """A weighing."""

    registration_id: strawberry.ID = id_of("Registration", "registration_id", "The registration that was weighed.")
    gross_kg: float = described("In kilograms.")


@lens(model.Anomaly, description="Something odd about a visit.")
class VisitAnomaly:
    """An anomaly."""

    key: str = described("What tells it from the others of its visit.")
    kind: AnomalyKind = described("What is odd.")
    checkpoint: str = described("What was skipped, where it is odd, or where the leg begins that takes too long.")
    detail: str = described("What was expected and what was found.")
    plate: str = described("The plate by which the vehicle was known when it was found.")
    found_at: datetime | None = described("When it was found.")
    explained_at: datetime | None = described("When a later reading showed that nothing is odd; null while it stands.")
    accounted_by: str = described("The officer who knows the reason; empty while nobody said.")
    accounted_at: datetime | None = described("When it was accounted for.")
    reason: str = described("The reason, as the officer gave it.")


@lens(model.Visit, description="The way of a vehicle, with what it draws, through a terminal in one direction.")
class Visit(Node):
    """A visit."""

    id: strawberry.ID = id_of("Visit")
    node: str = described("Code of the site, which alone may change it.")
    direction: str = described("`inbound` or `outbound`.")
    state: VisitState = described("How far it has come.")
    plate: str = strawberry.field(
        resolver=lambda root: root.label, graphql_type=str, description="The plate by which the vehicle is known."
    )
    checkpoint: str = described("Where it was seen last.")
    opened_at: datetime = described("When it was first seen.")
    last_at: datetime = described("When it was last seen.")
    closed_at: datetime | None = described("When the visit was over; null while it lasts.")
    closed_by: str = described("The officer who closed it; empty when it ended by itself.")
    reason: str = described("Why it was closed; empty when it ended by itself.")
    joined_into: strawberry.ID | None = optional_id_of(
        "Visit", "joined_into", "The visit of which it turned out to be a part."
    )
    points: list[VisitPoint] = described("Where it was seen, in order of time.")
    pairs: list[VisitPair] = described("Tractors and trailers, as they were seen together.")
    weights: list[VisitWeight] = described("What it weighed.")
    anomalies: list[VisitAnomaly] = described("What is or was odd, in the order of keys.")
    overdue: bool = described("Whether it should have been seen further on by now.")

    @computed(list[str], "Codes of the checkpoints that may come next; none once it is over.")
    async def next_checkpoints(self, info: Info) -> list[str]:
        """Return the ends of the legs that begin where it was seen last."""
        if self.closed_at is not None:
            return []
        legs = await info.context.doors.views.every_entity(Leg, site=self.node, origin=self.checkpoint)
        onward = (leg for leg in legs if leg.ended_at is None and leg.direction == self.direction)
        return sorted(leg.target for leg in onward)
