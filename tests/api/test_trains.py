"""Trains over GraphQL."""

from pathlib import Path
from typing import Any

from domain.shared.actors import Role
from tests.api.nodes import Node, key, memory_node

DECLARE = """
mutation ($input: TrainDeclareInput!) {
  trainDeclare(input: $input) {
    __typename
    ... on TrainSuccess { train { id number state version direction track
      wagons { code { canonical check } massKg containers { code { canonical } goods } }
      doubts { wagon container why } } }
    ... on Problem { code path message facts { name values } }
  }
}
"""
CORRECT = """
mutation ($input: TrainCorrectInput!) {
  trainCorrect(input: $input) {
    ... on TrainSuccess { train { version corrections steps { what by why } } }
    ... on Problem { code facts { name values } }
  }
}
"""
CANCEL = """
mutation ($input: TrainReasonInput!) {
  trainCancel(input: $input) { ... on TrainSuccess { train { state } } ... on Problem { code } }
}
"""
ONE = """
query ($id: ID!) {
  train(id: $id) { number passage { id } comparison { reversed } }
  node(id: $id) { __typename }
}
"""
LIST = '{ trains(state: EXPECTED, track: "2") { edges { node { id } } } trainPassages { edges { node { id } } } }'


def wish(**fields: Any) -> dict[str, Any]:
    boxes = [{"code": "MSCU1234566", "goods": "tea"}]
    wagons = [{"code": "31 51 5385 001-3", "massKg": 80500.5, "containers": boxes}, {"code": "0234567"}]
    told = {
        "number": "4711",
        "direction": "inbound",
        "track": "2",
        "expectedAt": "2026-03-02T06:00:00Z",
        "wagons": wagons,
    }
    return {"idempotencyKey": key(), **told, **fields}


async def declared(site: Node) -> dict[str, Any]:
    answer = (await site.ask(DECLARE, Role.OFFICER, input=wish()))["trainDeclare"]
    return dict(answer["train"])


async def test_a_list_is_declared_and_looked_at(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    train = await declared(site)
    assert (train["state"], train["version"], train["doubts"]) == (
        "EXPECTED",
        "1",
        [{"wagon": 2, "container": None, "why": "length"}],
    )
    assert train["wagons"][0] == {
        "code": {"canonical": "315153850013", "check": "holds"},
        "massKg": 80500.5,
        "containers": [{"code": {"canonical": "MSCU1234566"}, "goods": "tea"}],
    }
    one = await site.ask(ONE, Role.ANALYST, id=train["id"])
    assert one == {
        "train": {"number": "4711", "passage": None, "comparison": None},
        "node": {"__typename": "Train"},
    }
    found = await site.ask(LIST, Role.ANALYST)
    assert found == {
        "trains": {"edges": [{"node": {"id": train["id"]}}]},
        "trainPassages": {"edges": []},
    }


async def test_a_list_that_cannot_be_names_its_places(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    twice = [{"code": "315153850013"}, {"code": "31 51 5385 001-3"}]
    answer = (await site.ask(DECLARE, Role.OFFICER, input=wish(wagons=twice)))["trainDeclare"]
    assert (answer["code"], answer["path"]) == ("WAGON_TWICE", ["wagons"])
    assert {"name": "places", "values": ["1", "2"]} in answer["facts"]


async def test_a_version_that_is_not_the_trains_is_a_conflict(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    train = await declared(site)
    correction = wish(trainId=train["id"], version="1", reason="misheard", number="4712")
    corrected = (await site.ask(CORRECT, Role.OFFICER, input=correction))["trainCorrect"]["train"]
    assert (corrected["version"], corrected["corrections"]) == ("2", 1)
    assert [step["what"] for step in corrected["steps"]] == ["declared", "corrected"]
    for version in ("1", "two"):
        cancel = {"idempotencyKey": key(), "trainId": train["id"], "version": version, "reason": "x"}
        answer = (await site.ask(CANCEL, Role.OFFICER, input=cancel))["trainCancel"]
        assert answer == {"code": "TRAIN_CHANGED_MEANWHILE"}
    cancel = {"idempotencyKey": key(), "trainId": train["id"], "version": "2", "reason": "x"}
    assert (await site.ask(CANCEL, Role.OFFICER, input=cancel))["trainCancel"]["train"] == {"state": "CANCELLED"}
