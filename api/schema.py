"""The schema of each role, composed of whole modules: a type that two roles share is the same to the letter."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import strawberry
from graphql import GraphQLError
from strawberry.extensions import ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.access import AccessQuery
from api.alarms import AlarmsMutation, AlarmsQuery, AlarmsSubscription
from api.authoring import AuthoringMutation
from api.correcting import CorrectingMutation
from api.crossing_acts import CrossingsMutation
from api.crossings import CrossingsQuery, CrossingsSubscription
from api.documents import REMEMBERED, Documents
from api.doors import NODE_ROLES, NodeRole
from api.erasure import ErasureMutation, ErasureQuery
from api.faults import Faults
from api.guard import install
from api.identifiers import IdentifiersQuery
from api.limits import DevelopmentLimits, Limits
from api.lookups import LookupsQuery
from api.measurements import MeasurementsQuery
from api.node import NodeQuery
from api.numbers import INT64, Int64
from api.occurrences import OccurrencesMutation, OccurrencesQuery
from api.organisation import OrganisationMutation, OrganisationQuery
from api.organisation_layout import LayoutMutation, LayoutQuery
from api.organisation_places import PlacesMutation, PlacesQuery
from api.organisation_traffic import TrafficMutation, TrafficQuery
from api.passengers import PassengersMutation
from api.quarantine import QuarantineMutation, QuarantineQuery
from api.registering import RegisteringMutation
from api.registrations import RegistrationsQuery, RegistrationsSubscription
from api.replication import ReplicationQuery
from api.shifts import ShiftsMutation, ShiftsQuery
from api.trains import TrainsMutation, TrainsQuery
from api.upkeep import UpkeepMutation, UpkeepQuery
from api.verification import VerificationMutation, VerificationQuery
from api.visits import VisitsMutation, VisitsQuery
from api.watchlist import WatchlistQuery

SDL = Path(__file__).parent / "sdl"

_QUERIES = (
    RegistrationsQuery,
    MeasurementsQuery,
    LookupsQuery,
    IdentifiersQuery,
    CrossingsQuery,
    ShiftsQuery,
    OccurrencesQuery,
    TrainsQuery,
    VisitsQuery,
    AlarmsQuery,
    WatchlistQuery,
    OrganisationQuery,
    PlacesQuery,
    LayoutQuery,
    TrafficQuery,
    AccessQuery,
    ErasureQuery,
    QuarantineQuery,
    UpkeepQuery,
    NodeQuery,
    ReplicationQuery,
    VerificationQuery,
)
_MUTATIONS: Mapping[NodeRole, tuple[type, ...]] = {
    "site": (
        RegisteringMutation,
        CorrectingMutation,
        CrossingsMutation,
        PassengersMutation,
        ShiftsMutation,
        OccurrencesMutation,
        TrainsMutation,
        VisitsMutation,
        AlarmsMutation,
        QuarantineMutation,
        UpkeepMutation,
        VerificationMutation,
    ),
    "region": (AlarmsMutation, UpkeepMutation, VerificationMutation),
    "central": (
        AlarmsMutation,
        AuthoringMutation,
        OrganisationMutation,
        PlacesMutation,
        LayoutMutation,
        TrafficMutation,
        ErasureMutation,
        UpkeepMutation,
        VerificationMutation,
    ),
}
_SUBSCRIPTIONS = (RegistrationsSubscription, CrossingsSubscription, AlarmsSubscription)


class NodeSchema(strawberry.Schema):
    """A schema whose errors are logged where they are masked, and nowhere else."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing: most errors are refusals or mistakes of the caller."""


@cache
def build_schema(role: NodeRole, *, development: bool = False) -> NodeSchema:
    """Return the schema of a role, guarded; introspection is open in development alone."""
    schema = NodeSchema(
        query=_merged("Query", _QUERIES, "What can be looked up at this node."),
        mutation=_merged("Mutation", _MUTATIONS[role], "What can be asked of this node."),
        subscription=_merged("Subscription", _SUBSCRIPTIONS, "What can be followed at this node."),
        extensions=[
            Faults,
            DevelopmentLimits if development else Limits,
            Documents,
            lambda: ValidationCache(maxsize=REMEMBERED),
        ],
        config=StrawberryConfig(disable_field_suggestions=not development, scalar_map={Int64: INT64}),
    )
    install(schema._schema)  # noqa: SLF001 - strawberry has no other way to its root fields
    return schema


def sdl(role: NodeRole) -> str:
    """Return the schema of a role in the schema definition language."""
    return f"{build_schema(role).as_str()}\n"


def write_sdl(folder: Path = SDL) -> None:
    """Write ``<role>.graphql`` for each role into ``folder``."""
    for role in NODE_ROLES:
        (folder / f"{role}.graphql").write_text(sdl(role), encoding="utf-8")


def _merged(name: str, parts: tuple[type, ...], description: str) -> type:
    return strawberry.type(type(name, parts, {}), description=description)
