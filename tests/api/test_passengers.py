"""Many passengers at once."""

from pathlib import Path
from typing import Any

from domain.shared.actors import Role
from tests.api.nodes import Node, key, memory_node
from tests.api.test_crossings import opened
from tests.domain.crossings.lorry import MRZ

REGISTER = """
mutation ($input: PassengersRegisterInput!) {
  passengersRegister(input: $input) {
    ... on PassengersSuccess {
      passengers { registration { id label } problem { code path } }
      crossing { version parts { members { role } } notices { code about } }
      problem { code facts { name values } }
    }
    ... on Problem { code path facts { name values } }
  }
}
"""
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
HAND = {"surname": "Nowak", "givenNames": "Jan", "nationality": "POL", "sex": "M"}
BY_HAND = "mutation ($input: PersonRegisterByHandInput!) { personRegisterByHand(input: $input) { __typename } }"
UNIT = "mutation ($input: CargoUnitRegisterInput!) { cargoUnitRegister(input: $input) { __typename } }"
PLACE = {"lane": "lane-1", "direction": "inbound"}


def passengers(count: int) -> list[dict[str, Any]]:
    return [{"byHand": HAND | {"document": f"AB{number:06}"}} for number in range(count)]


async def register(site: Node, crossing: str, seen: int, persons: list[dict[str, Any]], **fields: Any) -> Any:
    wish = {"idempotencyKey": key(), "crossingId": crossing, "seen": seen, "passengers": persons} | PLACE | fields
    return (await site.ask(REGISTER, Role.OFFICER, input=wish))["passengersRegister"]


async def test_each_is_answered_by_itself(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    id_ = (await opened(site))[0]["id"]
    wrong = [{"mrz": ["I<UTO"]}, {"byHand": HAND | {"sex": "?"}}]
    answer = await register(site, id_, 1, [{"mrz": list(CARD)}, *wrong, *passengers(1)])

    codes = [each["problem"] and each["problem"]["code"] for each in answer["passengers"]]
    assert codes == [None, "MRZ_UNREADABLE", "SEX_UNKNOWN", None]
    labels = [each["registration"] and each["registration"]["label"] for each in answer["passengers"]]
    assert labels == ["D23145890", None, None, "AB000000"]
    assert answer["crossing"]["version"] == 2
    assert [each["role"] for each in answer["crossing"]["parts"]["members"]][2:] == ["PASSENGER", "PASSENGER"]


async def test_the_same_request_again_registers_nobody_twice(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    id_ = (await opened(site))[0]["id"]
    again = {"idempotencyKey": key()}
    first = await register(site, id_, 1, passengers(3), **again)
    assert await register(site, id_, 1, passengers(3), **again) == first


async def test_a_document_that_is_on_the_list_twice_is_confirmed_and_nobody_registered_anew(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    id_ = (await opened(site))[0]["id"]
    wish = {"idempotencyKey": key()}
    listed = [{"mrz": list(MRZ)}, *passengers(1), *passengers(1)]  # the driver once more, and one card read twice
    refused = await register(site, id_, 1, listed, **wish)
    ids = [each["registration"]["id"] for each in refused["passengers"]]
    assert (refused["crossing"], refused["problem"]["code"]) == (None, "OBJECT_TWICE")
    assert refused["problem"]["facts"] == [{"name": "registrations", "values": [ids[0], ids[2]]}]

    confirmed = await register(site, id_, 1, listed, confirmDuplicates=True, **wish)
    assert [each["registration"]["id"] for each in confirmed["passengers"]] == ids
    assert len(confirmed["crossing"]["parts"]["members"]) == 5


async def test_a_bus_of_three_hundred_comes_in_parts_and_is_noticed(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    id_ = (await opened(site))[0]["id"]
    refused = await register(site, id_, 1, passengers(300))
    assert (refused["code"], refused["facts"]) == ("PASSENGERS_OUT_OF_RANGE", [{"name": "given", "values": ["300"]}])

    everybody = passengers(300)
    for seen, part in enumerate((everybody[:100], everybody[100:200], everybody[200:]), start=1):
        answer = await register(site, id_, seen, part)
        assert not any(each["problem"] for each in answer["passengers"])
    assert {"code": "persons_many", "about": "301"} in answer["crossing"]["notices"]
    assert len(answer["crossing"]["parts"]["members"]) == 302

    full = await register(site, id_, 4, passengers(99))
    assert (full["crossing"], full["problem"]["code"]) == (None, "CROSSING_FULL")
    assert {"name": "most", "values": ["400"]} in full["problem"]["facts"]
    assert all(each["registration"] for each in full["passengers"])


async def test_who_is_registered_stays_so_when_somebody_else_was_quicker(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    id_ = (await opened(site))[0]["id"]
    await register(site, id_, 1, passengers(1))
    answer = await register(site, id_, 1, passengers(2))
    assert (answer["crossing"], answer["problem"]["code"]) == (None, "CROSSING_CHANGED")
    assert all(each["registration"] for each in answer["passengers"])


async def test_persons_and_units_of_cargo_are_registered_by_hand(tmp_path: Path) -> None:
    site = memory_node(tmp_path)
    person = {"idempotencyKey": key(), "person": HAND | {"birthDate": "1980-02-29"}} | PLACE
    assert (await site.ask(BY_HAND, Role.OFFICER, input=person))["personRegisterByHand"] == {
        "__typename": "RegisterSuccess"
    }
    unit = {"idempotencyKey": key(), "kind": "CONTAINER", "code": "CSQU3054383"} | PLACE
    assert (await site.ask(UNIT, Role.OFFICER, input=unit))["cargoUnitRegister"] == {"__typename": "RegisterSuccess"}
