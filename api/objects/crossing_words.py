"""The closed lists of words about crossings, as the schema describes them."""

import strawberry

from domain.crossings.measured import WeightSource
from domain.crossings.model import ActKind, CrossingState, RefusalReason
from domain.crossings.parts import DocumentKind, MemberRole, Outcome
from domain.crossings.rules import Service

__all__ = [
    "ActKind",
    "CrossingState",
    "DocumentKind",
    "MemberRole",
    "Outcome",
    "RefusalReason",
    "Service",
    "WeightSource",
]

strawberry.enum(CrossingState, description="How far a crossing has come.")
strawberry.enum(ActKind, name="CrossingActKind", description="What an officer does with a crossing.")
strawberry.enum(RefusalReason, name="CrossingRefusalReason", description="Why a crossing is refused.")
strawberry.enum(MemberRole, name="CrossingRole", description="As what a registered object takes part in a crossing.")
strawberry.enum(DocumentKind, name="CrossingDocumentKind", description="What kind of paper it is.")
strawberry.enum(
    Outcome,
    name="CheckOutcome",
    description="A1 satisfactory, A2 considered satisfactory, A3 simplified, B1 not satisfactory; or a decision.",
)
strawberry.enum(Service, name="ClearanceService", description="Who checks a requirement.")
strawberry.enum(
    WeightSource,
    name="CrossingWeightSource",
    description="SCALE: a device, by itself; TYPED: an officer, as for a scale without a line.",
)
