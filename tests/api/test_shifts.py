"""Shifts, and what is at a post, over GraphQL."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from api.guard import local
from api.shifts import AT_POST_MAX
from domain.registrations.events import Registered
from domain.shared.actors import Role
from domain.trains.events import TrainDeclared
from domain.trains.model import TrainState
from domain.visits.events import VisitOpened
from domain.visits.model import VisitState
from tests.api.nodes import SITE, Node, key, memory_node
from tests.api.test_crossings import VEHICLE, act, opened
from tests.domain.shifts.left import train, visit
from tests.samples import new_id, registration

BEGIN = "mutation ($input: ShiftOpenInput!) { shiftOpen(input: $input) { ... on ShiftSuccess { shift { id state } } } }"
END = """
mutation ($input: ShiftCloseInput!) {
  shiftClose(input: $input) {
    ... on ShiftSuccess { shift { state handOver { notes complete crossings { id state } occurrences { id } } } }
  }
}
"""
TAKE = """
mutation ($input: ShiftTakeOverInput!) {
  shiftTakeOver(input: $input) { ... on ShiftSuccess { shift { state takenBy } } ... on Problem { code } }
}
"""
AT_POST = (
    "{ atPost(hours: 1) { registrations { label } crossings { id lane } complete trains { number } visits { id } } }"
)
EARLIEST = "00000000-0000-7000-8000-000000000000"
LIST = "{ shifts(state: TAKEN_OVER) { edges { node { id officer } } } }"
ONE = "query ($id: ID!) { shift(id: $id) { state } node(id: $id) { __typename } }"


async def test_a_shift_is_handed_over(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    crossing, _ = await opened(site)
    id_ = (await site.ask(BEGIN, Role.OFFICER, input={"idempotencyKey": key()}))["shiftOpen"]["shift"]["id"]
    wish = {"idempotencyKey": key(), "shiftId": id_, "notes": "Kolejka"}
    closed = (await site.ask(END, Role.OFFICER, input=wish))["shiftClose"]["shift"]
    left = {"notes": "Kolejka", "complete": True, "crossings": [{"id": crossing["id"], "state": "OPEN"}]}
    assert closed == {"state": "CLOSED", "handOver": left | {"occurrences": []}}

    taken = await site.ask(TAKE, Role.OFFICER, input={"idempotencyKey": key(), "shiftId": id_})
    assert taken["shiftTakeOver"] == {"shift": {"state": "TAKEN_OVER", "takenBy": "jan"}}
    assert (await site.ask(LIST, Role.ANALYST))["shifts"]["edges"] == [{"node": {"id": id_, "officer": "jan"}}]
    one = await site.ask(ONE, Role.ANALYST, id=id_)
    assert one == {"shift": {"state": "TAKEN_OVER"}, "node": {"__typename": "Shift"}}


async def test_what_is_at_the_post(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    crossing, _ = await opened(site)
    wish = {"idempotencyKey": key(), "lane": "lane-2", "direction": "inbound", "plate": "LU 11111"}
    await site.ask(VEHICLE, Role.OFFICER, input=wish)

    found = (await site.ask(AT_POST, Role.OFFICER))["atPost"]
    assert found == {
        "registrations": [{"label": "LU11111"}],
        "crossings": [{"id": crossing["id"], "lane": "lane-1"}],
        "complete": True,
        "trains": [],
        "visits": [],
    }


async def test_trains_and_visits_are_at_the_post_until_they_are_over(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    visits = [visit(), replace(visit(), state=VisitState.LEFT)]
    trains = [replace(train(state), number=state.value) for state in TrainState]
    await site.record(*(VisitOpened(visit=each) for each in visits), *(TrainDeclared(train=each) for each in trains))
    found = (await site.ask(AT_POST, Role.OFFICER))["atPost"]
    assert [each["number"] for each in found["trains"]] == ["passing", "passed", "in_control"]
    assert [local(each["id"]) for each in found["visits"]] == [visits[0].id]


async def test_what_was_taken_out_of_a_crossing_is_at_the_post_again(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    crossing, car = await opened(site)
    out = {"reason": "nie ten", "put": {}, "withoutMembers": [car]}
    await act(site, "crossingCorrect", "CrossingCorrectInput", crossing["id"], 1, **out)
    found = (await site.ask(AT_POST, Role.OFFICER))["atPost"]
    assert [each["label"] for each in found["registrations"]] == ["WA12345"]

    await act(site, "crossingCancel", "CrossingReasonInput", crossing["id"], 2, reason="nie ma")
    found = (await site.ask(AT_POST, Role.OFFICER))["atPost"]
    assert [each["label"] for each in found["registrations"]] == ["L898902C3", "WA12345"]


async def test_it_says_when_what_was_told_late_leaves_no_room(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    now = site.clock.now()
    of_late = replace(registration(node=SITE), seen_at=now, registered_at=now)
    told_late = [replace(of_late, id=new_id(), seen_at=now - timedelta(days=1)) for _ in range(AT_POST_MAX)]
    await site.record(*(Registered(registration=each) for each in told_late))
    assert await shown(site) == (0, True)

    await site.record(Registered(registration=replace(of_late, id=EARLIEST)))
    assert await shown(site) == (0, False)


async def shown(site: Node) -> tuple[int, bool]:
    found = (await site.ask(AT_POST, Role.OFFICER))["atPost"]
    return len(found["registrations"]), found["complete"]


async def test_one_does_not_look_back_for_days(tmp_path: Path) -> None:
    response = await memory_node(tmp_path).post("{ atPost(hours: 25) { complete } }", Role.OFFICER)
    assert [each["extensions"]["code"] for each in response.json()["errors"]] == ["HOURS_OUT_OF_RANGE"]
