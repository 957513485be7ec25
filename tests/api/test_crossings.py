"""Crossings over GraphQL."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.ids import global_id, parted
from domain.organisation.events import Lane, LaneSet, PermittedTraffic, TrafficPermitted
from domain.registrations.events import RadiationTaken, WeighingTaken
from domain.registrations.measurements import Radiation, Weight
from domain.registrations.readings import RadiationAlarm
from domain.shared.actors import Role
from tests.api.nodes import Node, key, memory_node
from tests.domain.crossings.lorry import MRZ
from tests.portals import measurement
from tests.samples import MORNING, new_id

DAY = timedelta(days=1)

VEHICLE = """
mutation ($input: VehicleRegisterInput!) {
  vehicleRegister(input: $input) { ... on RegisterSuccess { registration { id } } ... on Problem { code } }
}
"""
PERSON = """
mutation ($input: PersonRegisterInput!) {
  personRegister(input: $input) { ... on RegisterSuccess { registration { id } } ... on Problem { code } }
}
"""
OPEN = """
mutation ($input: CrossingOpenInput!) {
  crossingOpen(input: $input) {
    ... on CrossingSuccess { crossing { id version state missing nextStep officer } }
    ... on Problem { code path facts { name values } }
  }
}
"""
ACT = """
mutation ($input: %(input)s!) {
  %(act)s(input: $input) {
    ... on CrossingSuccess {
      crossing { version state requirements { code service isSatisfied } nextStep notices { code about } }
    }
    ... on Problem { code path facts { name values } }
  }
}
"""
ONE = """
query ($id: ID!) {
  crossing(id: $id) {
    state
    parts {
      members { role registration { label traveller { surname } } }
      goods { number code grossKg } position { latitude } cashEur
    }
    acts { number kind by reason put { goods { description } } took { goods { description } } }
  }
  node(id: $id) { __typename }
}
"""
LIST = "{ crossings(state: OPEN, subsystem: SOC_O, first: 5) { edges { node { id lane } } } }"
OF = "query ($id: ID!) { crossingOfRegistration(registrationId: $id) { id } }"
RULES = "{ crossingRules { profiles { subsystem traffic steps { name needs } } clearance { code prefixes } } }"
WEIGHED = """
{ crossings(subsystem: SOC_T) { edges { node {
  missing nextStep notices { code about }
  weighings { source by totalKg axlesKg number measurementId registrationId }
  parts { members { registration { measurements { id } } } }
} } } }
"""
FOLLOW = "subscription { crossings { change crossing { id state } } }"


async def opened(site: Node) -> tuple[dict[str, Any], str]:
    """Register a car with its driver and open their crossing; return it and the id of the car's registration."""
    place = {"lane": "lane-1", "direction": "inbound"}
    vehicle = await site.ask(VEHICLE, Role.OFFICER, input=place | {"idempotencyKey": key(), "plate": "WA 12345"})
    person = await site.ask(PERSON, Role.OFFICER, input=place | {"idempotencyKey": key(), "mrz": list(MRZ)})
    car = vehicle["vehicleRegister"]["registration"]["id"]
    driver = person["personRegister"]["registration"]["id"]
    members = [{"registrationId": car, "role": "CAR"}, {"registrationId": driver, "role": "DRIVER"}]
    wish = {"idempotencyKey": key(), "subsystem": "SOC_O", "put": place | {"members": members}}
    return (await site.ask(OPEN, Role.OFFICER, input=wish))["crossingOpen"]["crossing"], car


async def act(site: Node, name: str, kind: str, crossing: str, seen: int, **fields: Any) -> Any:
    """Have an officer do something with a crossing."""
    wish = {"idempotencyKey": key(), "crossingId": crossing, "seen": seen} | fields
    answer = (await site.ask(ACT % {"act": name, "input": kind}, Role.OFFICER, input=wish))[name]
    return answer.get("crossing", answer)


async def test_an_officer_leads_a_crossing_to_its_release(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    crossing, car = await opened(site)
    assert (crossing["state"], crossing["missing"], crossing["nextStep"]) == ("OPEN", [], "release")
    id_ = crossing["id"]

    cheese = {"code": "0406", "description": "Ser"}
    put = {"goods": [cheese], "cashEur": 12_000, "position": {"latitude": 51.5, "longitude": 23.5}}
    stands = await act(site, "crossingComplete", "CrossingCompleteInput", id_, 1, put=put)
    assert [each["code"] for each in stands["requirements"]] == ["veterinary", "cash"]
    assert stands["notices"] == [{"code": "goods_without_mass", "about": "1"}]
    refused = await act(site, "crossingRelease", "CrossingActInput", id_, 2)
    assert (refused["code"], refused["facts"]) == (
        "CLEARANCE_OPEN",
        [{"name": "requirements", "values": ["veterinary", "cash"]}],
    )

    correction = {"reason": "mniej", "put": {"goods": [cheese | {"number": 1, "grossKg": 0.5}]}}
    await act(site, "crossingCorrect", "CrossingCorrectInput", id_, 2, **correction)
    check = {"requirement": "veterinary", "outcome": "A1", "shown": "CHED"}
    await act(site, "crossingCheck", "CrossingCheckInput", id_, 3, **check)
    await act(site, "crossingOverride", "CrossingOverrideInput", id_, 4, requirement="cash", reason="deklaracja")
    await act(site, "crossingSendToControl", "CrossingReasonInput", id_, 5, reason="pies")
    await act(site, "crossingReturnFromControl", "CrossingReturnInput", id_, 6, result="A1")
    assert (await act(site, "crossingRelease", "CrossingActInput", id_, 7))["state"] == "RELEASED"
    assert (await act(site, "crossingUndo", "CrossingActInput", id_, 8))["state"] == "OPEN"

    shown = await site.ask(ONE, Role.ANALYST, id=id_)
    assert shown["node"] == {"__typename": "Crossing"}
    found = shown["crossing"]
    assert [each["registration"]["label"] for each in found["parts"]["members"]] == ["WA12345", "L898902C3"]
    assert found["parts"]["goods"] == [{"number": 1, "code": "0406", "grossKg": 0.5}]
    assert (found["parts"]["cashEur"], found["parts"]["position"]) == (12_000, {"latitude": 51.5})
    assert [each["kind"] for each in found["acts"]][:3] == ["OPENED", "COMPLETED", "CORRECTED"]
    assert found["acts"][2]["took"] == {"goods": [{"description": "Ser"}]}
    assert (await site.ask(LIST, Role.ANALYST))["crossings"]["edges"] == [{"node": {"id": id_, "lane": "lane-1"}}]
    assert (await site.ask(OF, Role.ANALYST, id=car))["crossingOfRegistration"] == {"id": id_}


async def test_the_second_officer_is_told_of_the_first(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    crossing, _ = await opened(site)
    answers = await asyncio.gather(
        act(site, "crossingRefuse", "CrossingRefuseInput", crossing["id"], 1, code="DOCUMENTS", reason="brak wizy"),
        act(site, "crossingComplete", "CrossingCompleteInput", crossing["id"], 1, put={"pets": 1}),
    )
    assert sorted("code" in answer for answer in answers) == [False, True]
    (refused,) = [answer for answer in answers if "code" in answer]
    assert (refused["code"], refused["path"]) == ("CROSSING_CHANGED", ["seen"])
    assert {"name": "version", "values": ["2"]} in refused["facts"]


async def test_what_is_in_the_way_is_named_as_the_caller_knows_it(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    crossing, car = await opened(site)
    put = {"lane": "lane-1", "direction": "inbound", "members": [{"registrationId": car, "role": "TRUCK"}]}
    wish = {"idempotencyKey": key(), "subsystem": "SOC_T", "put": put}
    bound = (await site.ask(OPEN, Role.OFFICER, input=wish))["crossingOpen"]
    assert (bound["code"], bound["facts"]) == (
        "REGISTRATION_BOUND",
        [{"name": "registration", "values": [car]}, {"name": "crossing", "values": [crossing["id"]]}],
    )
    correction = {"reason": "to ciągnik", "put": {"members": [{"registrationId": car, "role": "TRACTOR"}]}}
    corrected = await act(site, "crossingCorrect", "CrossingCorrectInput", crossing["id"], 1, **correction)
    assert corrected["notices"] == [{"code": "role_unusual", "about": car}]


async def test_a_cancelled_crossing_is_reopened(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    id_ = (await opened(site))[0]["id"]
    cancelled = await act(site, "crossingCancel", "CrossingReasonInput", id_, 1, reason="zawrócił")
    assert (cancelled["state"], cancelled["nextStep"]) == ("CANCELLED", "")
    assert (await act(site, "crossingReopen", "CrossingReasonInput", id_, 2, reason="wrócił"))["state"] == "OPEN"


async def test_what_devices_measured_of_crossings_is_told_and_asked_for_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = memory_node(tmp_path)
    weighed, bare = [await _freight(site, plate) for plate in ("WA 1111", "WA 2222")]
    taken = measurement(registration_id=parted(weighed[1])[1])
    sounded = Radiation(seconds=4.0, occupied=True, alarms=(RadiationAlarm(category="gamma", description=""),))
    passed = measurement(weight=None, radiation=sounded, registration_id=parted(bare[1])[1], vendor_id="r")
    await site.record(WeighingTaken(measurement=taken), RadiationTaken(measurement=passed, label="WA2222"))
    by_hand = {"weights": [{"totalKg": 12_000, "axlesKg": [5_000, 7_000]}]}
    await act(site, "crossingComplete", "CrossingCompleteInput", bare[0], 1, put=by_hand)

    asked: list[Sequence[str]] = []
    beside = site.views.entities_beside

    async def counted(type_: Any, column: str, ids: Sequence[str], limit: int) -> Any:
        asked.append(ids)
        return await beside(type_, column, ids, limit)

    monkeypatch.setattr(site.views, "entities_beside", counted)
    told = [edge["node"] for edge in (await site.ask(WEIGHED, Role.ANALYST))["crossings"]["edges"]]
    both = {parted(weighed[1])[1], parted(bare[1])[1]}
    assert [set(each) for each in asked] == [both, both]  # for the crossings, and then for their members
    typed, scale = told
    assert [each["nextStep"] for each in told] == ["persons", "persons"]
    assert [each["missing"] for each in told] == [["driver", "goods_or_empty"]] * 2
    assert scale["weighings"] == [
        {
            "source": "SCALE",
            "by": "scale-1",
            "totalKg": 39_850.5,
            "axlesKg": [7_000, 11_000],
            "number": None,
            "measurementId": global_id("Measurement", taken.id),
            "registrationId": weighed[1],
        }
    ]
    assert scale["notices"] == [{"code": "scale_axles_differ", "about": global_id("Measurement", taken.id)}]
    assert typed["weighings"] == [
        {
            "source": "TYPED",
            "by": "jan",
            "totalKg": 12_000,
            "axlesKg": [5_000, 7_000],
            "number": 1,
            "measurementId": None,
            "registrationId": None,
        }
    ]
    assert typed["notices"] == [{"code": "radiation_alarm", "about": bare[1]}]


async def test_freight_that_may_pass_only_empty_is_noticed(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    id_, lorry = await _freight(site, "WA 1111")
    weighing = WeighingTaken(measurement=measurement(registration_id=parted(lorry)[1], weight=Weight(gross_kg=9_000)))
    lane = Lane(id=new_id(), site="dorohusk", code="lane-1", post="dorohusk", direction="inbound")
    decided = PermittedTraffic(
        id=new_id(), post="dorohusk", max_kg=7_500, heavier_empty=True, valid_from=MORNING - DAY, decree="do 7,5 t"
    )
    placed = LaneSet(lane=lane, set_by="jan", set_at=MORNING)
    await site.record(weighing, placed, TrafficPermitted(permitted=decided))

    (told,) = (await site.ask(WEIGHED, Role.ANALYST))["crossings"]["edges"]
    assert told["node"]["notices"] == [{"code": "heavier_only_empty", "about": "do 7,5 t"}]
    empty = await act(site, "crossingComplete", "CrossingCompleteInput", id_, 1, put={"empty": True})
    assert empty["notices"] == []


async def _freight(site: Node, plate: str) -> tuple[str, str]:
    """Open the crossing of a lorry without its driver; return its id and that of the registration."""
    place = {"lane": "lane-1", "direction": "inbound"}
    lorry = await site.ask(VEHICLE, Role.OFFICER, input=place | {"idempotencyKey": key(), "plate": plate})
    id_ = lorry["vehicleRegister"]["registration"]["id"]
    put = place | {"members": [{"registrationId": id_, "role": "TRUCK"}]}
    wish = {"idempotencyKey": key(), "subsystem": "SOC_T", "put": put}
    return (await site.ask(OPEN, Role.OFFICER, input=wish))["crossingOpen"]["crossing"]["id"], id_


async def test_tables_are_told(tmp_path: Path) -> None:
    rules = (await memory_node(tmp_path).ask(RULES, Role.OFFICER))["crossingRules"]
    assert {"SOC_O", "SOC_T", "SOC_P", "SOC_M"} <= {each["subsystem"] for each in rules["profiles"]}
    assert "cites" in [each["code"] for each in rules["clearance"]]


async def test_what_is_done_is_told(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    async with site.subscribed(FOLLOW, Role.OFFICER) as socket:
        id_ = (await opened(site))[0]["id"]
        await act(site, "crossingCancel", "CrossingReasonInput", id_, 1, reason="zawrócił")
        told = [(await socket.result())["data"]["crossings"] for _ in range(2)]
    assert [each["change"] for each in told] == ["OPENED", "CANCELLED"]
    assert told[1]["crossing"] == {"id": id_, "state": "CANCELLED"}
