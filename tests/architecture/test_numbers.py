"""GraphQL's Int ends at 2^31, so only what is bounded by its nature is shown as one; a place in a log is an Int64."""

import pytest
from graphql import GraphQLObjectType, get_named_type

from api.doors import NODE_ROLES, NodeRole
from api.schema import build_schema

BOUNDED = {
    "Alarm.priority",
    "CardCompanion.times",
    "Crossing.version",
    "CrossingAct.number",
    "CrossingAct.undoes",
    "CrossingDocument.number",
    "CrossingGoods.number",
    "CrossingGoods.packages",
    "CrossingParts.cashEur",
    "CrossingParts.pets",
    "CrossingWeighing.number",
    "CrossingWeight.number",
    "SubsystemProfile.personsUsual",
    "Passage.readings",
    "Registration.version",
    "RegistrationCorrection.number",
    "InstallationFault.priority",
    "Alarm.repeats",
    "IdentifierCorrection.place",
    "CodeOfTrain.position",
    "ConsistDoubt.container",
    "ConsistDoubt.wagon",
    "Match.differences",
    "Match.priority",
    "MrzCorrection.line",
    "MrzCorrection.place",
    "Occurrence.corrections",
    "PermittedTraffic.maxKg",
    "Picture.size",
    "QuarantineTally.held",
    "QuarantinedBatch.size",
    "QuarantinedEvent.size",
    "QuarantinedPush.size",
    "ThisNode.quarantineCount",
    "ThisNode.quarantinedBatchCount",
    "Train.corrections",
    "WagonLine.declaredPlace",
    "WagonLine.readPlace",
    "WatchlistEntry.priority",
}


@pytest.mark.parametrize("role", NODE_ROLES)
def test_no_number_without_a_bound_is_shown_as_an_int(role: NodeRole) -> None:
    types = build_schema(role)._schema.type_map.values()
    objects = [each for each in types if isinstance(each, GraphQLObjectType) and not each.name.startswith("__")]
    shown = {
        f"{each.name}.{name}"
        for each in objects
        for name, field in each.fields.items()
        if get_named_type(field.type).name == "Int"
    }
    assert shown == BOUNDED
