import httpx
import pytest

from sites import desk
from sites.desk import Refused
from tests.sites.demo.answering import AnsweringNode


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "RETRY_AFTER", 0)


async def test_a_look_states_who_asks_and_why() -> None:
    node = AnsweringNode({"data": {"thisNode": {"code": "dorohusk"}}})
    assert await node.desk().look("query", first=3) == {"thisNode": {"code": "dorohusk"}}
    assert node.asked == [{"first": 3}]
    assert node.headers is not None
    assert (node.headers["authorization"], node.headers["x-purpose"]) == ("Bearer token", "patrol")


async def test_errors_are_raised_with_their_code() -> None:
    node = AnsweringNode({"errors": [{"message": "No.", "extensions": {"code": "ROLE_MISSING"}}], "data": None})
    with pytest.raises(Refused, match=r"ROLE_MISSING: No\."):
        await node.desk().look("query")


async def test_a_problem_is_raised_with_its_code() -> None:
    node = AnsweringNode(
        {"data": {"alarmAcknowledge": {"__typename": "NotHere", "code": "NOT_HERE", "node": "dorohusk"}}}
    )
    with pytest.raises(Refused) as refusal:
        await node.desk().ask("mutation", {"alarmId": "1"})
    assert (refusal.value.code, refusal.value.problem["node"]) == ("NOT_HERE", "dorohusk")


async def test_who_insists_asks_the_same_until_there_is_an_answer() -> None:
    node = AnsweringNode({"data": {"alarmRaise": {"__typename": "AlarmRaiseSuccess", "alarm": {"id": "1"}}}}, away=2)
    answer = await node.desk().insist("mutation", {"idempotencyKey": "k"})
    assert answer["alarm"] == {"id": "1"}
    assert node.asked == [{"input": {"idempotencyKey": "k"}}] * 3


async def test_who_does_not_insist_is_told_that_the_node_is_away() -> None:
    with pytest.raises(httpx.ConnectError):
        await AnsweringNode(away=1).desk().ask("mutation", {})
