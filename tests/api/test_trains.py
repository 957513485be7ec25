"""Trains over GraphQL."""

from pathlib import Path
from typing import Any

from api.ids import global_id
from domain.shared.actors import Role
from domain.trains.events import TrainPassageBegan
from domain.trains.model import CodeOfTrain, TrainPassage
from tests.api.nodes import Node, key, memory_node
from tests.samples import new_id

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
    ... on TrainSuccess {
      train { version corrections steps { what by why } earlier { number correctedBy reason wagons { code { raw } } } }
    }
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
    (first,) = corrected["earlier"]
    assert (first["number"], first["correctedBy"], first["reason"]) == ("4711", "jan", "misheard")
    assert [each["code"]["raw"] for each in first["wagons"]] == [each["code"] for each in wish()["wagons"]]
    for version in ("1", "0"):
        cancel = {"idempotencyKey": key(), "trainId": train["id"], "version": version, "reason": "x"}
        answer = (await site.ask(CANCEL, Role.OFFICER, input=cancel))["trainCancel"]
        assert answer == {"code": "TRAIN_CHANGED_MEANWHILE"}
    cancel = {"idempotencyKey": key(), "trainId": train["id"], "version": "2", "reason": "x"}
    assert (await site.ask(CANCEL, Role.OFFICER, input=cancel))["trainCancel"]["train"] == {"state": "CANCELLED"}


PASSED = """
query ($id: ID!) {
  train(id: $id) {
    state version passage { id endedBy trainId wagons { canonical position registrationId } containers { canonical } }
    comparison {
      reversed lines { verdict declared read declaredPlace readPlace }
      containers { verdict declared read declaredWagon readWagon }
      differences { kind codes }
    }
  }
}
"""
CONTROL = """
mutation ($input: TrainControlInput!) {
  trainControl(input: $input) { ... on TrainSuccess { train { state inControl version } } ... on Problem { code } }
}
"""
ACCOUNT = """
mutation ($input: TrainAccountInput!) {
  trainAccount(input: $input) {
    ... on TrainSuccess { train { accounts { kind code reason text } version } } ... on Problem { code }
  }
}
"""
RELEASE = """
mutation ($input: TrainReleaseInput!) {
  trainRelease(input: $input) {
    ... on TrainSuccess { train { state } } ... on Problem { code facts { name values } }
  }
}
"""
BACK = """
mutation ($input: %s!) {
  %s(input: $input) { ... on TrainSuccess { train { state steps { what why } } } ... on Problem { code message } }
}
"""
UNDO, REOPEN = BACK % ("TrainUndoInput", "trainUndo"), BACK % ("TrainReasonInput", "trainReopen")
LINK = """
mutation ($input: TrainPassageLinkInput!) {
  trainPassageLink(input: $input) { ... on TrainPassageSuccess { passage { id } } ... on Problem { code } }
}
"""
END = """
mutation ($input: TrainPassageEndInput!) {
  trainPassageEnd(input: $input) {
    ... on TrainPassageSuccess { passage { trainId endedBy } } ... on Problem { code }
  }
}
"""


async def test_a_train_passes_is_controlled_accounted_for_and_released(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    train = await declared(site)
    passage = await _pass_without_its_second_wagon(site)

    async def ask(document: str, **fields: Any) -> dict[str, Any]:
        stands = (await site.ask(PASSED, Role.OFFICER, id=train["id"]))["train"]
        wish = {"idempotencyKey": key(), "trainId": train["id"], "version": stands["version"], **fields}
        (answer,) = (await site.ask(document, Role.OFFICER, input=wish)).values()
        return dict(answer)

    ended = await site.ask(END, Role.OFFICER, input={"idempotencyKey": key(), "passageId": passage})
    assert ended["trainPassageEnd"]["passage"]["trainId"] == train["id"]
    stands = (await site.ask(PASSED, Role.ANALYST, id=train["id"]))["train"]
    assert stands["comparison"]["differences"] == [{"kind": "WAGON_MISSING", "codes": ["0234567"]}]
    assert [line["verdict"] for line in stands["comparison"]["lines"]] == ["AS_DECLARED", "MISSING"]
    (container,) = stands["comparison"]["containers"]
    assert (container["verdict"], container["readWagon"]) == ("AS_DECLARED", "315153850013")
    assert stands["passage"]["wagons"][0]["position"] == 1

    refused = await ask(RELEASE)
    assert refused == {
        "code": "DIFFERENCES_UNACCOUNTED",
        "facts": [{"name": "kinds", "values": ["wagon_missing"]}, {"name": "codes", "values": ["0234567"]}],
    }
    controlled = await ask(CONTROL, wagons=["315153850013"], reason="X-ray")
    assert (controlled["train"]["state"], controlled["train"]["inControl"]) == ("IN_CONTROL", ["315153850013"])
    accounted = await ask(ACCOUNT, kind="WAGON_MISSING", code="0234567", reason="SET_OUT", text="hot box")
    assert accounted["train"]["accounts"] == [
        {"kind": "WAGON_MISSING", "code": "0234567", "reason": "SET_OUT", "text": "hot box"}
    ]
    assert (await ask(RELEASE)) == {"train": {"state": "RELEASED"}}
    undone = (await ask(UNDO))["train"]
    assert (undone["state"], undone["steps"][-1]) == ("IN_CONTROL", {"what": "undone", "why": "released"})
    assert (await ask(UNDO))["code"] == "TRAIN_ACT_NOT_UNDONE"
    assert (await ask(RELEASE)) == {"train": {"state": "RELEASED"}}
    reopened = (await ask(REOPEN, reason="paczka"))["train"]
    assert (reopened["state"], reopened["steps"][-1]) == ("IN_CONTROL", {"what": "reopened", "why": "paczka"})
    assert (await ask(REOPEN, reason="paczka"))["code"] == "TRAIN_STATE_FORBIDS"
    link = {"idempotencyKey": key(), "passageId": passage, "trainId": train["id"]}
    answer = (await site.ask(LINK, Role.OFFICER, input=link))["trainPassageLink"]
    assert answer == {"code": "TRAIN_PASSAGE_LINKED_ALREADY"}


async def _pass_without_its_second_wagon(site: Node) -> str:
    """Have a portal read the first wagon and what is on it; return the global id of the passage."""
    at = site.clock.now()
    codes = (("wagon", "315153850013"), ("container", "MSCU1234566"))
    read = tuple(
        CodeOfTrain(registration_id=new_id(), kind=kind, canonical=code, holds=True, position=1, seen_at=at)
        for kind, code in codes
    )
    passage = TrainPassage(
        id=new_id(),
        node=site.doors.node,
        checkpoint="portal",
        lane="track-2",
        track="2",
        number="4711",
        began_at=at,
        last_at=at,
        read=read,
    )
    await site.record(TrainPassageBegan(passage=passage))
    return global_id("TrainPassage", passage.id)
