from typing import Any

from domain.alarms.events import AlarmRaised
from domain.alarms.model import AlarmState
from domain.shared.actors import Role
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated
from tests import samples
from tests.api.nodes import Node, key, stream_push

ALARMS = """
query ($first: Int! = 50, $after: String, $state: AlarmState, $node: String) {
  alarms(first: $first, after: $after, state: $state, node: $node) {
    edges { cursor node { id node source cause lane label registrationId priority text late state repeats
      acknowledgedBy acknowledgedAt match { entryId title instructions tier key read matched category } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ALARM = "query ($id: ID!) { alarm(id: $id) { id label state } }"
ACKNOWLEDGE = """
mutation ($input: AlarmAcknowledgeInput!) {
  alarmAcknowledge(input: $input) {
    __typename
    ... on AlarmAcknowledgeSuccess { alarm { id state acknowledgedBy acknowledgedAt } }
    ... on Problem { code message path facts { name values } }
    ... on NotHere { node }
  }
}
"""
RAISE = """
mutation ($input: AlarmRaiseInput!) {
  alarmRaise(input: $input) {
    __typename
    ... on AlarmRaiseSuccess { alarm { id source label priority text state registrationId match { title } } }
    ... on Problem { code path }
  }
}
"""


async def listed(at: Node, **variables: Any) -> list[Any]:
    edges = (await at.ask(ALARMS, Role.OFFICER, **variables))["alarms"]["edges"]
    return [edge["node"] for edge in edges]


async def acknowledge(node: Node, id_: str, **fields: Any) -> Any:
    given = {"idempotencyKey": key(), "alarmId": id_, **fields}
    return (await node.ask(ACKNOWLEDGE, Role.OFFICER, input=given))["alarmAcknowledge"]


async def test_match_raises_an_alarm_that_says_all(site: Node) -> None:
    await site.enrol()
    await site.record(EntryActivated(entry=samples.entry()))
    await site.push(stream_push("WA12345"))

    (alarm,) = await listed(site)
    assert (alarm["source"], alarm["state"], alarm["label"], alarm["node"]) == (
        "MATCH",
        "RAISED",
        "WA12345",
        "dorohusk",
    )
    assert (alarm["match"]["instructions"], alarm["match"]["key"]) == ("Zatrzymać", "exact")
    registration = await site.ask(
        "query ($id: ID!) { registration(id: $id) { label } }", Role.OFFICER, id=alarm["registrationId"]
    )
    assert registration == {"registration": {"label": "WA12345"}}


async def test_alarms_are_found_by_state_and_node(site: Node, central: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm(label="TAKEN", state=AlarmState.ACKNOWLEDGED)))
    await site.record(AlarmRaised(alarm=samples.alarm(label="THERE")))
    await central.hear(site)
    await central.record(AlarmRaised(alarm=samples.alarm(label="HERE")))

    assert {each["label"] for each in await listed(central)} == {"HERE", "THERE", "TAKEN"}
    assert {each["label"] for each in await listed(central, state="RAISED")} == {"HERE", "THERE"}
    assert {each["label"] for each in await listed(central, node="dorohusk")} == {"THERE", "TAKEN"}


async def test_one_alarm_by_its_id(site: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm(label="HERE")))
    (alarm,) = await listed(site)
    assert (await site.ask(ALARM, Role.OFFICER, id=alarm["id"]))["alarm"]["label"] == "HERE"


async def test_officer_takes_an_alarm(site: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm()))
    (alarm,) = await listed(site)

    answer = await acknowledge(site, alarm["id"])

    assert answer["__typename"] == "AlarmAcknowledgeSuccess"
    assert (answer["alarm"]["state"], answer["alarm"]["acknowledgedBy"]) == ("ACKNOWLEDGED", "jan")
    assert answer["alarm"]["acknowledgedAt"] == site.clock.now().isoformat()
    (record,) = (await site.views.audit_records(Window(limit=10), who="jan")).items[:1]
    assert (record.action, record.outcome, record.purpose) == ("AcknowledgeAlarm", "done", "patrol")


async def test_second_officer_is_told_who_was_faster(site: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm()))
    (alarm,) = await listed(site)
    await acknowledge(site, alarm["id"])

    answer = await acknowledge(site, alarm["id"])

    assert (answer["__typename"], answer["code"]) == ("Conflict", "ALARM_ACKNOWLEDGED_ALREADY")
    assert answer["facts"] == [{"name": "acknowledgedBy", "values": ["jan"]}]


async def test_copy_of_an_alarm_is_taken_where_it_was_raised(site: Node, central: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm()))
    await central.hear(site)
    (alarm,) = await listed(central)
    answer = await acknowledge(central, alarm["id"])
    assert (answer["__typename"], answer["code"], answer["node"]) == ("NotHere", "NOT_HERE", "dorohusk")


async def test_node_that_decides_is_named_in_polish_too(site: Node, central: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm()))
    await central.hear(site)
    (alarm,) = await listed(central)
    given = {"idempotencyKey": key(), "alarmId": alarm["id"]}
    response = await central.post(
        ACKNOWLEDGE, Role.OFFICER, variables={"input": given}, headers={"accept-language": "pl"}
    )
    assert response.json()["data"]["alarmAcknowledge"]["message"] == "Decyduje o tym węzeł dorohusk."


async def test_alarm_that_nobody_raised_cannot_be_taken(site: Node) -> None:
    await site.record(AlarmRaised(alarm=samples.alarm()))
    (alarm,) = await listed(site)
    for id_, name, code in (
        ("QWxhcm06MDAwMDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw", "NotFound", "ALARM_UNKNOWN"),
        (alarm["id"] + "x", "InvalidInput", "ID_MALFORMED"),
        (alarm["registrationId"], "InvalidInput", "ID_MALFORMED"),
    ):
        answer = await acknowledge(site, id_)
        assert (answer["__typename"], answer["code"], answer["path"]) == (name, code, ["alarmId"])


async def test_officer_raises_an_alarm(site: Node) -> None:
    given = {"idempotencyKey": key(), "lane": "lane-1", "label": "WA12345", "priority": 2, "text": "Nervous driver"}
    answer = (await site.ask(RAISE, Role.OFFICER, input=given))["alarmRaise"]
    assert answer["alarm"] == {
        "id": answer["alarm"]["id"],
        "source": "OFFICER",
        "label": "WA12345",
        "priority": 2,
        "text": "Nervous driver",
        "state": "RAISED",
        "registrationId": None,
        "match": None,
    }

    for fields, code in (({"text": " "}, "TEXT_MISSING"), ({"priority": 4}, "ALARM_PRIORITY_OUT_OF_RANGE")):
        refused = (await site.ask(RAISE, Role.OFFICER, input=given | {"idempotencyKey": key()} | fields))["alarmRaise"]
        assert (refused["__typename"], refused["code"]) == ("InvalidInput", code)
