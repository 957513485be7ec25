from base64 import urlsafe_b64encode
from typing import Any

import pytest

from api.ids import after_cursor, cursor, global_id, local_id, parted
from api.refusals import CursorMalformed, IdMalformed
from domain.alarms.events import AlarmRaised
from domain.registrations.events import Registered
from domain.shared.actors import Role
from domain.watchlist.events import EntryActivated
from tests import samples
from tests.api.nodes import Node, stream_push

UUID = "01950000-0000-7000-8000-000000000001"
PAGES = """
query ($first: Int!, $after: String) {
  alarms(first: $first, after: $after) {
    edges { cursor node { label } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def page(node: Node, after: str | None = None) -> tuple[list[str], Any]:
    found = (await node.ask(PAGES, Role.OFFICER, first=2, after=after))["alarms"]
    return [edge["node"]["label"] for edge in found["edges"]], found["pageInfo"]


async def test_list_is_walked_page_by_page_newest_first(site: Node) -> None:
    await site.record(*(AlarmRaised(alarm=samples.alarm(label=f"A{n}")) for n in range(5)))

    first, info = await page(site)
    assert (first, info["hasNextPage"], info["hasPreviousPage"]) == (["A4", "A3"], True, False)

    await site.record(AlarmRaised(alarm=samples.alarm(label="A5")))  # does not move the pages that follow
    second, info = await page(site, info["endCursor"])
    assert (second, info["hasNextPage"], info["hasPreviousPage"]) == (["A2", "A1"], True, True)
    third, info = await page(site, info["endCursor"])
    assert (third, info["hasNextPage"]) == (["A0"], False)
    last, info = await page(site, info["endCursor"])
    assert (last, info["startCursor"], info["endCursor"]) == ([], None, None)


async def test_devices_are_paged_by_code(site: Node) -> None:
    for code in ("cam-1", "cam-2", "cam-3"):
        await site.enrol(code)
    query = """
    query ($after: String) {
      devices(first: 2, after: $after) { edges { node { id code } } pageInfo { endCursor hasNextPage } }
    }
    """
    first = (await site.ask(query, Role.OFFICER))["devices"]
    second = (await site.ask(query, Role.OFFICER, after=first["pageInfo"]["endCursor"]))["devices"]
    assert [each["node"]["code"] for each in first["edges"] + second["edges"]] == ["cam-3", "cam-2", "cam-1"]
    assert second["pageInfo"]["hasNextPage"] is False
    one = await site.ask(
        "query ($id: ID!) { device(id: $id) { code } }", Role.OFFICER, id=first["edges"][0]["node"]["id"]
    )
    assert one == {"device": {"code": "cam-3"}}


@pytest.mark.parametrize("after", ["", "x", "żółw", "A" * 500, cursor("cam-1"), cursor("' OR 1=1"), cursor(UUID) + "A"])
async def test_what_is_no_cursor(site: Node, after: str) -> None:
    query = "query ($after: String) { alarms(after: $after) { edges { cursor } } }"
    assert await site.refused(query, Role.OFFICER, after=after) == ["CURSOR_MALFORMED"]


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "x",
        "żółw",
        "A" * 500,
        UUID,
        global_id("Registration", UUID),
        global_id("Alarm", "cam-1"),
        global_id("", UUID),
    ],
)
async def test_what_is_no_id_of_an_alarm(site: Node, id_: str) -> None:
    assert await site.refused("query ($id: ID!) { alarm(id: $id) { label } }", Role.OFFICER, id=id_) == ["ID_MALFORMED"]


async def test_object_that_is_not_there_is_null(site: Node) -> None:
    for kind, field in (("Alarm", "alarm"), ("Registration", "registration")):
        query = f"query ($id: ID!) {{ {field}(id: $id) {{ id }} node(id: $id) {{ id }} }}"
        assert await site.ask(query, Role.OFFICER, id=global_id(kind, UUID)) == {field: None, "node": None}


async def test_kind_that_no_node_has_is_null(site: Node) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert await site.ask(query, Role.OFFICER, id=global_id("Ghost", UUID)) == {"node": None}


async def test_node_finds_every_kind(site: Node) -> None:
    await site.enrol()
    await site.record(EntryActivated(entry=samples.entry()))
    await site.push(stream_push("WA12345"))
    query = """{
      alarms { edges { node { id } } }
      registrations { edges { node { id } } }
      watchlistEntries { edges { node { id } } }
      devices { edges { node { id } } }
    }"""
    found = await site.ask(query, Role.ANALYST)
    ids = [each["edges"][0]["node"]["id"] for each in found.values()]

    kinds = [
        await site.ask("query ($id: ID!) { node(id: $id) { id __typename } }", Role.ANALYST, id=id_) for id_ in ids
    ]

    assert [each["node"]["id"] for each in kinds] == ids
    names = [each["node"]["__typename"] for each in kinds]
    assert names == ["Alarm", "Registration", "WatchlistEntry", "Device"]


async def test_readings_of_a_whole_list_are_asked_for_at_once(site: Node) -> None:
    await site.enrol()
    for plate in ("WA12345", "LUB9988C", "GD4567X"):
        await site.push(stream_push(plate))
    await site.push(stream_push("WA12345", camera="camera-2"))
    await site.record(Registered(registration=samples.registration()))
    query = "{ registrations { edges { node { label readings { id plate device confidence seenAt } } } } }"

    found = (await site.ask(query, Role.OFFICER))["registrations"]["edges"]

    counts = {each["node"]["label"]: len(each["node"]["readings"]) for each in found if each["node"]["readings"]}
    assert counts == {"WA12345": 2, "LUB9988C": 1, "GD4567X": 1}
    assert any(each["node"]["readings"] == [] for each in found)


def test_ids_and_cursors_are_opaque_and_return() -> None:
    assert parted(global_id("Alarm", UUID)) == ("Alarm", UUID)
    assert local_id(global_id("Device", "cam-1"), "Device") == "cam-1"
    assert after_cursor(cursor(UUID), "Alarm") == UUID
    assert "=" not in global_id("Alarm", UUID) + cursor("a") + cursor("ab") + cursor("abc")


@pytest.mark.parametrize("local", ["", "CAM", "1", "a" * 41, "a:b", "a b", UUID.replace("1", "A"), UUID + "\n"])
def test_local_ids_are_checked(local: str) -> None:
    for kind in ("Device", "Alarm"):
        with pytest.raises(IdMalformed):
            parted(urlsafe_b64encode(f"{kind}:{local}".encode()).decode())
        with pytest.raises(CursorMalformed):
            after_cursor(urlsafe_b64encode(local.encode()).decode(), kind)
