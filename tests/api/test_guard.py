"""Who may ask what. The matrix stands here a second time, written by hand, so that no rule changes unnoticed."""

from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from api.context import Caller, Context
from api.doors import NODE_ROLES, NodeRole
from api.guard import install, rule_of
from api.rules import CLOSED
from api.schema import build_schema
from domain.alarms.events import AlarmRaised
from domain.shared.actors import Role
from domain.shared.errors import Unavailable
from domain.shared.views import Window
from tests import samples
from tests.api.nodes import Node, key, memory_node

OFFICER, ANALYST, ADMINISTRATOR, AUDITOR = Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR
PERSONS = {OFFICER, ANALYST, ADMINISTRATOR, AUDITOR}

MATRIX: dict[str, set[Role]] = {
    "Query.registration": {OFFICER, ANALYST},
    "Query.registrations": {OFFICER, ANALYST},
    "Query.identifierParse": {OFFICER, ANALYST},
    "Query.identifierGuess": {OFFICER, ANALYST},
    "Query.mrzRead": {OFFICER, ANALYST},
    "Mutation.passengersRegister": {OFFICER},
    "Mutation.personRegisterByHand": {OFFICER},
    "Mutation.cargoUnitRegister": {OFFICER},
    "Query.objectHistory": {OFFICER, ANALYST},
    "Query.registrationSearch": {OFFICER, ANALYST},
    "Query.card": {OFFICER, ANALYST},
    "Query.shift": {OFFICER, ANALYST},
    "Query.shifts": {OFFICER, ANALYST},
    "Query.atPost": {OFFICER, ANALYST},
    "Mutation.shiftOpen": {OFFICER},
    "Mutation.shiftClose": {OFFICER},
    "Mutation.shiftTakeOver": {OFFICER},
    "Query.crossing": {OFFICER, ANALYST},
    "Query.crossingOfRegistration": {OFFICER, ANALYST},
    "Query.crossings": {OFFICER, ANALYST},
    "Query.crossingRules": {OFFICER, ANALYST, ADMINISTRATOR},
    "Mutation.crossingOpen": {OFFICER},
    "Mutation.crossingComplete": {OFFICER},
    "Mutation.crossingCorrect": {OFFICER},
    "Mutation.crossingCheck": {OFFICER},
    "Mutation.crossingOverride": {OFFICER},
    "Mutation.crossingSendToControl": {OFFICER},
    "Mutation.crossingReturnFromControl": {OFFICER},
    "Mutation.crossingRelease": {OFFICER},
    "Mutation.crossingRefuse": {OFFICER},
    "Mutation.crossingCancel": {OFFICER},
    "Mutation.crossingReopen": {OFFICER},
    "Mutation.crossingUndo": {OFFICER},
    "Subscription.crossings": {OFFICER, ANALYST},
    "Query.occurrence": {OFFICER, ANALYST},
    "Query.occurrences": {OFFICER, ANALYST},
    "Query.visit": {OFFICER, ANALYST},
    "Query.visits": {OFFICER, ANALYST},
    "Mutation.visitClose": {OFFICER},
    "Mutation.visitAnomalyAccount": {OFFICER},
    "Mutation.occurrenceRecord": {OFFICER},
    "Mutation.occurrenceCorrect": {OFFICER},
    "Mutation.occurrenceEnd": {OFFICER},
    "Query.measurement": {OFFICER, ANALYST},
    "Query.measurements": {OFFICER, ANALYST},
    "Query.trainSighting": {OFFICER, ANALYST},
    "Query.trainSightings": {OFFICER, ANALYST},
    "Query.train": {OFFICER, ANALYST},
    "Query.trains": {OFFICER, ANALYST},
    "Query.trainPassage": {OFFICER, ANALYST},
    "Query.trainPassages": {OFFICER, ANALYST},
    "Mutation.trainDeclare": {OFFICER},
    "Mutation.trainCorrect": {OFFICER},
    "Mutation.trainCancel": {OFFICER},
    "Mutation.trainControl": {OFFICER},
    "Mutation.trainAccount": {OFFICER},
    "Mutation.trainRelease": {OFFICER},
    "Mutation.trainRefuse": {OFFICER},
    "Mutation.trainReopen": {OFFICER},
    "Mutation.trainUndo": {OFFICER},
    "Mutation.trainPassageEnd": {OFFICER},
    "Mutation.trainPassageLink": {OFFICER},
    "Query.alarm": {OFFICER, ANALYST},
    "Query.alarms": {OFFICER, ANALYST},
    "Query.watchlistEntry": {ANALYST},
    "Query.watchlistEntries": {ANALYST},
    "Query.device": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.devices": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.unit": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.units": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.post": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.posts": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.site": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.sites": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.lane": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.lanes": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.checkpoint": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.checkpoints": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.leg": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.legs": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.permittedTraffic": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.permittedNow": {OFFICER, ANALYST, ADMINISTRATOR},
    "Query.auditRecords": {ADMINISTRATOR, AUDITOR},
    "Query.quarantine": {ADMINISTRATOR},
    "Query.quarantinedPush": {ADMINISTRATOR},
    "Query.quarantineTallies": {ADMINISTRATOR},
    "Query.quarantinedEvent": {ADMINISTRATOR},
    "Query.quarantinedEventBytes": {ADMINISTRATOR},
    "Query.quarantinedEvents": {ADMINISTRATOR},
    "Query.quarantinedBatch": {ADMINISTRATOR},
    "Query.quarantinedBatchBytes": {ADMINISTRATOR},
    "Query.quarantinedBatches": {ADMINISTRATOR},
    "Query.erasures": {ADMINISTRATOR, AUDITOR},
    "Query.node": PERSONS,
    "Query.thisNode": PERSONS,
    "Query.verification": PERSONS,
    "Query.digests": {ADMINISTRATOR, AUDITOR},
    "Query.replication": PERSONS,
    "Mutation.vehicleRegister": {OFFICER},
    "Mutation.personRegister": {OFFICER},
    "Mutation.registrationScreenAgain": {OFFICER},
    "Mutation.registrationCorrect": {OFFICER},
    "Mutation.alarmRaise": {OFFICER},
    "Mutation.alarmAcknowledge": {OFFICER},
    "Mutation.quarantineReplay": {ADMINISTRATOR},
    "Mutation.quarantineSetAside": {ADMINISTRATOR},
    "Mutation.quarantinedEventReplay": {ADMINISTRATOR},
    "Mutation.quarantinedEventSetAside": {ADMINISTRATOR},
    "Mutation.quarantinedBatchReplay": {ADMINISTRATOR},
    "Mutation.quarantinedBatchSetAside": {ADMINISTRATOR},
    "Mutation.watchlistEntryCreate": {ANALYST},
    "Mutation.watchlistEntryApprove": {ANALYST},
    "Mutation.watchlistEntryWithdraw": {ANALYST},
    "Mutation.erase": {ADMINISTRATOR},
    "Mutation.verify": {ADMINISTRATOR},
    "Mutation.unitPlace": {ADMINISTRATOR},
    "Mutation.postPlace": {ADMINISTRATOR},
    "Mutation.sitePlace": {ADMINISTRATOR},
    "Mutation.lanePlace": {ADMINISTRATOR},
    "Mutation.checkpointPlace": {ADMINISTRATOR},
    "Mutation.legPlace": {ADMINISTRATOR},
    "Mutation.partEnd": {ADMINISTRATOR},
    "Mutation.trafficPermit": {ADMINISTRATOR},
    "Mutation.permittedTrafficEnd": {ADMINISTRATOR},
    "Mutation.deviceEnrol": {ADMINISTRATOR},
    "Mutation.deviceAdjust": {ADMINISTRATOR},
    "Mutation.deviceRenewKey": {ADMINISTRATOR},
    "Mutation.deviceWithdraw": {ADMINISTRATOR},
    "Subscription.registrations": {OFFICER, ANALYST},
    "Subscription.alarms": {OFFICER, ANALYST},
}
PERSONAL = {"Registration", "Crossing", "Visit", "Occurrence", "Alarm", "WatchlistEntry", "AuditRecord"}
IMPERSONAL = {
    "Query.crossingRules",
    "Query.identifierParse",
    "Query.identifierGuess",
    "Query.mrzRead",
    "Query.device",
    "Query.devices",
    "Query.unit",
    "Query.units",
    "Query.post",
    "Query.posts",
    "Query.site",
    "Query.sites",
    "Query.lane",
    "Query.lanes",
    "Query.checkpoint",
    "Query.checkpoints",
    "Query.leg",
    "Query.legs",
    "Query.permittedTraffic",
    "Query.permittedNow",
    "Mutation.unitPlace",
    "Mutation.postPlace",
    "Mutation.sitePlace",
    "Mutation.lanePlace",
    "Mutation.checkpointPlace",
    "Mutation.legPlace",
    "Mutation.partEnd",
    "Mutation.trafficPermit",
    "Mutation.permittedTrafficEnd",
    "Query.quarantine",
    "Query.quarantinedPush",
    "Query.quarantineTallies",
    "Query.quarantinedEvent",
    "Query.quarantinedEvents",
    "Query.quarantinedBatch",
    "Query.quarantinedBatches",
    "Query.erasures",
    "Query.node",
    "Query.thisNode",
    "Query.replication",
    "Query.verification",
    "Query.digests",
    "Mutation.verify",
    "Mutation.quarantineSetAside",
    "Mutation.quarantinedEventReplay",
    "Mutation.quarantinedEventSetAside",
    "Mutation.quarantinedBatchReplay",
    "Mutation.quarantinedBatchSetAside",
    "Mutation.deviceEnrol",
    "Mutation.deviceAdjust",
    "Mutation.deviceRenewKey",
    "Mutation.deviceWithdraw",
}


def root_fields(schema: GraphQLSchema) -> dict[str, GraphQLField]:
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return {f"{root.name}.{name}": field for root in roots if root for name, field in root.fields.items()}


@pytest.mark.parametrize("role", NODE_ROLES)
def test_every_root_field_has_the_rule_of_the_matrix(role: NodeRole) -> None:
    for name, field in root_fields(build_schema(role)._schema).items():
        rule = rule_of(field)
        assert rule.roles == MATRIX[name], name
        assert rule.personal is (name not in IMPERSONAL), name


@pytest.mark.parametrize("role", NODE_ROLES)
def test_no_field_without_a_purpose_leads_to_personal_data(role: NodeRole) -> None:
    for name, field in root_fields(build_schema(role)._schema).items():
        if not rule_of(field).personal:
            assert not PERSONAL & reached(field.type), name


def reached(shown: GraphQLOutputType) -> set[str]:
    """Return the names of all types that an answer of this type may lead to; of an interface that of itself alone."""
    found: dict[str, GraphQLNamedType] = {}
    waiting = [get_named_type(shown)]
    while waiting:
        one = waiting.pop()
        if one.name in found:
            continue
        found[one.name] = one
        if isinstance(one, GraphQLUnionType):
            waiting += one.types
        elif isinstance(one, GraphQLObjectType):
            waiting += [get_named_type(field.type) for field in one.fields.values()]
    return set(found)


def test_matrix_names_no_field_that_is_gone() -> None:
    assert set(MATRIX) == {name for role in NODE_ROLES for name in root_fields(build_schema(role)._schema)}


def test_no_rule_lets_machines_in() -> None:
    assert not {Role.DEVICE, Role.SYSTEM} & {role for roles in MATRIX.values() for role in roles}


async def test_field_without_a_rule_is_open_to_nobody(site: Node) -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def forgotten(self) -> str:
            return "secret"

    schema = strawberry.Schema(Query)
    install(schema._schema)
    assert rule_of(schema._schema.query_type.fields["forgotten"]) is CLOSED
    context = context_of(site, *PERSONS)
    result = await schema.execute("{ forgotten }", context_value=context)
    assert result.data is None
    assert "secret" not in str(result)
    assert [type(error.original_error).__name__ for error in result.errors] == ["RoleMissing"]


def context_of(node: Node, *roles: Role) -> Context:
    actor, expires_at = node.issuer.verify(node.token(*roles))
    return Context(node.doors, "en", Caller(actor=actor, expires_at=expires_at))


LOOKS = {
    "registration": '{ registration(id: "UmVnaXN0cmF0aW9uOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA") { id } }',
    "registrations": "{ registrations { edges { node { id } } } }",
    "alarms": "{ alarms { edges { node { id } } } }",
    "watchlistEntries": "{ watchlistEntries { edges { node { id } } } }",
    "devices": "{ devices { edges { node { id } } } }",
    "auditRecords": "{ auditRecords { edges { node { id } } } }",
    "quarantine": "{ quarantine { edges { node { id } } } }",
    "thisNode": "{ thisNode { code role logs { channel } } }",
    "replication": "{ replication { node logs { channel } neighbours { code } faults { cause } } }",
}


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("role", sorted(PERSONS))
async def test_matrix_holds_at_the_door(site: Node, name: str, role: Role) -> None:
    response = await site.post(LOOKS[name], role)
    codes = [error["extensions"]["code"] for error in response.json().get("errors", [])]
    assert codes == ([] if role in MATRIX[f"Query.{name}"] else ["ROLE_MISSING"])


@pytest.mark.parametrize("name", LOOKS)
async def test_nobody_sees_anything_without_a_token(site: Node, name: str) -> None:
    response = await site.post(LOOKS[name])
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["UNAUTHENTICATED"]
    assert "data" not in response.json()


@pytest.mark.parametrize("name", LOOKS)
async def test_personal_data_needs_a_purpose_and_leaves_an_audit_record(site: Node, name: str) -> None:
    role = min(MATRIX[f"Query.{name}"])
    personal = f"Query.{name}" not in IMPERSONAL
    codes = (await site.post(LOOKS[name], role, purpose="")).json().get("errors", [])
    assert [error["extensions"]["code"] for error in codes] == (["PURPOSE_MISSING"] if personal else [])

    await site.post(LOOKS[name], role, purpose="lookout")
    records = (await site.views.audit_records(Window(limit=10))).items
    outcomes = [(record.action, record.purpose, record.outcome) for record in records]
    expected = [(name, "lookout", "consulted"), (name, "", "refused:PURPOSE_MISSING")]
    assert outcomes == (expected if personal else [])


async def test_audit_record_says_what_was_asked_for(site: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm()))
    alarm = (await site.views.alarms(Window(limit=1))).items[0]
    listed = await site.ask("{ alarms { edges { node { id } } } }", OFFICER)
    id_ = listed["alarms"]["edges"][0]["node"]["id"]
    await site.ask("query ($id: ID!) { one: alarm(id: $id) { id } }", OFFICER, id=id_)
    await site.ask("query ($id: ID!) { node(id: $id) { id } }", OFFICER, id=id_)
    await site.ask(
        '{ registrations(first: 3, label: "WA12345", node: "dorohusk", kind: VEHICLE) { edges { cursor } } }', OFFICER
    )

    records = (await site.views.audit_records(Window(limit=10))).items
    assert [(record.action, record.target) for record in records] == [
        ("registrations", "node=dorohusk label=WA12345 kind=vehicle"),
        ("alarm", alarm.id),
        ("alarm", alarm.id),
        ("alarms", "all"),
    ]


async def test_refusal_of_a_mutation_at_the_door_is_on_audit(site: Node) -> None:
    mutation = "mutation ($input: AlarmAcknowledgeInput!) { alarmAcknowledge(input: $input) { __typename } }"
    given = {"idempotencyKey": key(), "alarmId": "QWxhcm06MDAwMDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw"}
    assert await site.refused(mutation, ANALYST, input=given) == ["ROLE_MISSING"]
    (record,) = (await site.views.audit_records(Window(limit=10))).items
    assert (record.action, record.outcome) == ("alarmAcknowledge", "refused:ROLE_MISSING")
    assert record.target == "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "query",
    [
        "{ mine: watchlistEntries { edges { cursor } } }",
        "{ ...More } fragment More on Query { watchlistEntries { edges { cursor } } }",
        "{ ... on Query { ... { watchlistEntries { edges { cursor } } } } }",
        "query ($yes: Boolean = true) { watchlistEntries @include(if: $yes) { edges { cursor } } }",
    ],
)
async def test_rule_holds_however_a_field_is_asked_for(site: Node, query: str) -> None:
    assert await site.refused(query, OFFICER) == ["ROLE_MISSING"]


async def test_node_keeps_the_rule_of_what_it_finds(site: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm()))
    listed = await site.ask("{ alarms { edges { node { id } } } }", OFFICER)
    id_ = listed["alarms"]["edges"][0]["node"]["id"]
    query = "query ($id: ID!) { node(id: $id) { id __typename } }"

    assert (await site.ask(query, ANALYST, id=id_))["node"] == {"id": id_, "__typename": "Alarm"}
    assert await site.refused(query, ADMINISTRATOR, id=id_) == ["ROLE_MISSING"]
    assert await site.refused(query, OFFICER, purpose="", id=id_) == ["PURPOSE_MISSING"]


async def test_nothing_is_shown_when_it_cannot_be_put_on_audit(tmp_path: Any) -> None:
    class Down:
        async def dispatch(self, *_: object) -> None:
            raise Unavailable

    node = memory_node(tmp_path, dispatcher=Down())
    response = await node.post(LOOKS["alarms"], OFFICER)
    assert response.json()["data"] is None
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
