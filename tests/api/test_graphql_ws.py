"""GraphQL over WebSocket: the protocol graphql-transport-ws."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api import graphql_ws
from api.graphql_ws import LONGEST_MESSAGE, MOST_OPERATIONS
from bus import live
from bus.replication.log import LogId
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated
from domain.shared.actors import Role
from domain.shared.views import Window
from domain.watchlist.events import EntryActivated
from tests import samples
from tests.api.nodes import HOUR, Closed, Node, memory_node, stream_push
from tests.contracts.test_held_events import bodies
from tests.contracts.test_logs import batch_of
from tests.waiting import until

ALARMS = "subscription { alarms { change alarm { id label state repeats acknowledgedBy text } } }"
REGISTRATIONS = "subscription { registrations { registration { id label readings { plate } } } }"


async def closing(socket: Any) -> Closed:
    """Return how the node closes a socket, whatever it says before."""
    try:
        while True:
            await socket.receive()
    except Closed as closed:
        return closed


async def test_alarm_is_heard_at_once(site: Node) -> None:
    await site.enrol()
    await site.record(EntryActivated(entry=samples.entry()))
    async with site.subscribed(ALARMS, Role.OFFICER) as socket:
        await site.push(stream_push("WA12345"))
        told = (await socket.result())["data"]["alarms"]

    assert (told["change"], told["alarm"]["label"], told["alarm"]["state"]) == ("RAISED", "WA12345", "RAISED")


async def test_alarm_is_followed_through_its_life(site: Node) -> None:
    alarm = samples.alarm()
    async with site.subscribed(ALARMS, Role.ANALYST) as socket:
        await site.record(AlarmRaised(alarm=alarm))
        await site.record(AlarmRepeated(alarm_id=alarm.id, registration_id=None, at=site.clock.now()))
        await site.record(AlarmAcknowledged(alarm_id=alarm.id, acknowledged_by="jan", acknowledged_at=site.clock.now()))
        told = [(await socket.result())["data"]["alarms"] for _ in range(3)]

    assert [each["change"] for each in told] == ["RAISED", "REPEATED", "ACKNOWLEDGED"]
    assert {each["alarm"]["id"] for each in told} == {told[0]["alarm"]["id"]}
    assert (told[2]["alarm"]["state"], told[2]["alarm"]["acknowledgedBy"]) == ("ACKNOWLEDGED", "jan")


async def test_alarm_of_a_site_is_heard_at_the_centre(site: Node, central: Node) -> None:
    async with central.subscribed(ALARMS, Role.ANALYST) as socket:
        await site.record(AlarmRaised(alarm=samples.alarm()))
        await central.hear(site)
        told = (await socket.result())["data"]["alarms"]
    assert told["alarm"]["label"] == "WA12345"


async def test_event_about_an_alarm_that_is_not_at_hand_is_passed_over(
    site: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    async with site.subscribed(ALARMS, Role.ANALYST) as socket:
        parted = bodies(
            AlarmRepeated(alarm_id=samples.new_id(), registration_id=None, at=site.clock.now()),
            AlarmAcknowledged(alarm_id=samples.new_id(), acknowledged_by="x", acknowledged_at=site.clock.now()),
        )
        await site.logs.apply([batch_of(parted, log=LogId("koroszczyn", 5, "alarms"))], "koroszczyn")
        await site.record(AlarmRaised(alarm=samples.alarm(label="HERE")))
        assert (await socket.result())["data"]["alarms"]["alarm"]["label"] == "HERE"
    assert capsys.readouterr().out.count("alarm_not_at_hand") == 2


async def test_registrations_are_heard(site: Node) -> None:
    await site.enrol()
    async with site.subscribed(REGISTRATIONS, Role.OFFICER) as socket:
        await site.push(stream_push("WA12345"))
        await site.push(stream_push("LUB9988C"))
        labels = [(await socket.result())["data"]["registrations"]["registration"]["label"] for _ in range(2)]
    assert labels == ["WA12345", "LUB9988C"]


async def test_start_of_a_subscription_is_on_audit(site: Node) -> None:
    async with site.subscribed(ALARMS, Role.OFFICER, purpose="lookout"):
        (record,) = (await site.views.audit_records(Window(limit=10))).items
    assert (record.who, record.action, record.purpose, record.outcome) == ("jan", "alarms", "lookout", "consulted")


@pytest.mark.parametrize(
    ("role", "purpose", "code"),
    [(Role.ADMINISTRATOR, "patrol", "ROLE_MISSING"), (Role.OFFICER, "", "PURPOSE_MISSING")],
)
async def test_subscription_keeps_the_rule(site: Node, role: Role, purpose: str, code: str) -> None:
    async with site.socket() as socket:
        await socket.init(authorization=f"Bearer {site.token(role)}", purpose=purpose)
        socket.send({"type": "subscribe", "id": "1", "payload": {"query": ALARMS}})
        answer = await socket.receive()
    assert answer["type"] == "error"
    assert [error["extensions"]["code"] for error in answer["payload"]] == [code]


async def test_queries_and_mutations_may_come_by_socket(site: Node) -> None:
    async with site.socket() as socket:
        assert await socket.init(authorization=f"Bearer {site.token(Role.OFFICER)}", purpose="a") == {
            "node": "dorohusk"
        }
        socket.send({"type": "subscribe", "id": "q", "payload": {"query": "{ thisNode { code } }"}})
        assert await socket.result("q") == {"data": {"thisNode": {"code": "dorohusk"}}}
        assert await socket.receive() == {"type": "complete", "id": "q"}


async def test_completed_subscription_is_heard_no_more(site: Node) -> None:
    async with site.subscribed(ALARMS, Role.OFFICER) as socket:
        assert len(site.doors.live._watchers) == 1
        socket.send({"type": "complete", "id": "1"})
        socket.send({"type": "ping"})
        assert (await socket.receive())["type"] == "pong"
        await until(lambda: not site.doors.live._watchers)


async def test_subscriber_that_leaves_is_forgotten(site: Node) -> None:
    async with site.subscribed(ALARMS, Role.OFFICER):
        assert len(site.doors.live._watchers) == 1
    await until(lambda: not site.doors.live._watchers)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"authorization": "Bearer x"},
        {"authorization": ""},
        {"authorization": 7},
        {"authorization": None},
        {"authorization": ["Bearer x"]},
    ],
)
async def test_socket_without_a_token_is_closed(site: Node, params: Any) -> None:
    async with site.socket() as socket:
        socket.send({"type": "connection_init", "payload": params})
        closed = await closing(socket)
    assert (closed.code, closed.reason) == (4403, "Forbidden")


async def test_socket_with_a_purpose_that_is_none_is_closed(site: Node) -> None:
    async with site.socket() as socket:
        token = site.token(Role.OFFICER)
        socket.send({"type": "connection_init", "payload": {"authorization": f"Bearer {token}", "purpose": "x" * 201}})
        assert (await closing(socket)).code == 4403


async def test_nothing_is_answered_before_the_caller_is_known(site: Node) -> None:
    async with site.socket() as socket:
        socket.send({"type": "subscribe", "id": "1", "payload": {"query": "{ thisNode { code } }"}})
        assert (await closing(socket)).code == 4401


async def test_socket_is_closed_when_the_token_expires(site: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_ws, "HEARTBEAT_SECONDS", 0.01)
    async with site.subscribed(ALARMS, Role.OFFICER, ttl=HOUR) as socket:
        site.clock.step(HOUR - timedelta(seconds=1))
        await site.record(AlarmRaised(alarm=samples.alarm()))
        assert (await socket.result())["data"]
        site.clock.step(timedelta(seconds=1))
        closed = await closing(socket)
    assert (closed.code, closed.reason) == (4403, "Token expired")
    assert socket.pings > 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "{",
        "null",
        "[]",
        "7",
        '"ping"',
        "{}",
        '{"type": 7}',
        '{"type": null}',
        '{"type": "unheard_of"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": [], "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": null}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 7}}',
        '{"type": "complete"}',
        '{"type": "complete", "id": {}}',
        '{"type": "ping", "payload": "\\ud800"}',
        json.dumps({"type": "ping", "payload": "x" * LONGEST_MESSAGE}),
    ],
    ids=lambda text: text[:60],
)
async def test_junk_closes_the_socket_or_is_answered(site: Node, text: str) -> None:
    async with site.socket() as socket:
        await socket.init(authorization=f"Bearer {site.token(Role.OFFICER)}")
        socket.send_text(text)
        assert (await closing(socket)).code == 4400


@pytest.mark.parametrize("payload", [7, [], "x", None])
async def test_junk_instead_of_parameters(site: Node, payload: Any) -> None:
    async with site.socket() as socket:
        socket.send({"type": "connection_init", "payload": payload})
        assert (await closing(socket)).code in {4400, 4403}


async def test_second_introduction_closes_the_socket(site: Node) -> None:
    async with site.socket() as socket:
        await socket.init(authorization=f"Bearer {site.token(Role.OFFICER)}")
        socket.send({"type": "connection_init"})
        assert (await closing(socket)).code == 4429


async def test_mistake_in_a_document_has_a_code(site: Node) -> None:
    async with site.socket() as socket:
        await socket.init(authorization=f"Bearer {site.token(Role.OFFICER)}", purpose="patrol")
        for number, (query, variables, code) in enumerate(
            (
                ("{", {}, "GRAPHQL_PARSE_FAILED"),
                ("fragment F on Query { __typename }", {}, "OPERATION_UNKNOWN"),
                ("subscription { alarms { nothing } }", {}, "GRAPHQL_VALIDATION_FAILED"),
                ("{ " + "a { " * 11 + "b" + " }" * 12, {}, "LIMIT_EXCEEDED"),
                ("query ($a: String) { alarms(node: $a) { edges { cursor } } }", {"a": "\0"}, "CHARACTER_NOT_ALLOWED"),
            )
        ):
            payload = {"query": query, "variables": variables}
            socket.send({"type": "subscribe", "id": str(number), "payload": payload})
            answer = await socket.receive()
            errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
            assert code in {error["extensions"]["code"] for error in errors}
            if answer["type"] == "next":
                assert (await socket.receive())["type"] == "complete"


async def test_fault_is_masked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        async def statuses(self) -> None:
            raise ZeroDivisionError("the secret of the house")

    node = memory_node(tmp_path, views=Broken())
    async with node.socket() as socket:
        await socket.init(authorization=f"Bearer {node.token(Role.OFFICER)}")
        socket.send({"type": "subscribe", "id": "1", "payload": {"query": "{ thisNode { logs { seq } } }"}})
        (error,) = (await socket.result())["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["errorId"] in capsys.readouterr().out
    assert "secret" not in str(error)


async def test_subscriptions_of_one_socket_are_limited(site: Node) -> None:
    async with site.socket() as socket:
        await socket.init(authorization=f"Bearer {site.token(Role.OFFICER)}", purpose="patrol")
        for number in range(MOST_OPERATIONS):
            await socket.subscribe(ALARMS, str(number))
        socket.send({"type": "subscribe", "id": "more", "payload": {"query": ALARMS}})
        answer = await socket.receive()
    assert (answer["type"], answer["id"]) == ("error", "more")
    assert answer["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_subscriber_that_lags_is_told_so(site: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "QUEUE_MAX", 2)
    async with site.subscribed(ALARMS, Role.OFFICER) as socket:
        await site.record(*(AlarmRaised(alarm=samples.alarm(label=f"A{n}")) for n in range(50)))
        while "errors" not in (told := await socket.result()):
            assert told["data"]["alarms"]["change"] == "RAISED"
        assert told["errors"][0]["extensions"]["code"] == "LAGGING"
        assert await socket.receive() == {"type": "complete", "id": "1"}


async def test_pages_of_other_origins_are_kept_out(tmp_path: Path) -> None:
    node = memory_node(tmp_path, allowed_origins=("https://console.example",))
    for origin, welcome in (
        ("https://evil.example", False),
        ("null", False),
        ("http://node", True),
        ("https://console.example", True),
    ):
        if welcome:
            async with node.socket(origin=origin) as socket:
                assert await socket.init(authorization=f"Bearer {node.token(Role.OFFICER)}")
        else:
            with pytest.raises(Closed) as closed:
                await node.socket(origin=origin).__aenter__()
            assert closed.value.code == 1008


async def test_legacy_protocol_is_not_spoken(site: Node) -> None:
    socket = site.socket()
    socket.protocols = ["graphql-ws"]
    with pytest.raises(AssertionError):
        await socket.__aenter__()
    assert (await closing(socket)).code == 4406
