"""`caifs reference load` at a centre in memory: what it does, what it leaves alone, and what then holds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from api.ids import global_id
from domain.shared.actors import Role
from sites.desk import Desk
from sites.reference.book import Book, read
from sites.reference.load import DONE, REFUSED, SILENT, load, load_at
from tests.api.nodes import Node, key, memory_node
from tests.api.test_organisation_places import POST as PLACE_POST
from tests.api.test_organisation_places import end
from tests.api.test_organisation_traffic import END

STANDING = """query ($post: String!, $at: DateTime!) {
  permittedNow(post: $post, at: $at) {
    standings { direction kind classes isPermitted decision { countries maxKg heavierEmpty } }
  }
}"""
DECISIONS = "{ posts(first: 100) { edges { node { code permittedTraffic { edges { node { id decree } } } } } } }"


@pytest.fixture
def centre(tmp_path: Path) -> Node:
    return memory_node(tmp_path, "central", "central")


async def loaded(node: Node, book: Book | None = None, *, dry_run: bool = False) -> int:
    """Load a book; what is told stands alone on the standard output, without what the node logs."""
    async with node.http() as http:
        with capture_logs():
            return await load_at(Desk(http, "", node.token(Role.ADMINISTRATOR)), book or read(), dry_run=dry_run)


def part(*posts: str) -> Book:
    """Return the book with these posts alone."""
    book = read()
    return replace(
        book,
        posts=[one for one in book.posts if one["code"] in posts],
        decisions=[one for one in book.decisions if one["post"] in posts],
    )


async def standing(node: Node, post: str, at: str, kind: str) -> dict[str, Any]:
    """Return what holds at a post of a kind of traffic inbound, by class of vehicle."""
    found = (await node.ask(STANDING, Role.OFFICER, post=post, at=at))["permittedNow"]["standings"]
    fitting = [one for one in found if (one["direction"], one["kind"]) == ("inbound", kind)]
    return {each: one for one in fitting for each in one["classes"]}


async def permitted(node: Node, post: str, at: str, kind: str) -> set[str]:
    return {each for each, one in (await standing(node, post, at, kind)).items() if one["isPermitted"]}


async def test_the_border_is_as_it_was_on_each_day(centre: Node) -> None:
    assert await loaded(centre) == DONE
    by_day = {
        ("kuznica", "2021-11-01T12:00:00Z"): {"MOTORCYCLE", "BUS", "CAR", "TRUCK", "OTHER"},
        ("kuznica", "2021-11-10T12:00:00Z"): set(),
        ("kuznica", "2025-11-18T12:00:00Z"): {"MOTORCYCLE", "CAR", "OTHER"},
        ("bobrowniki", "2023-02-11T12:00:00Z"): set(),
        ("bobrowniki", "2025-11-18T12:00:00Z"): {"MOTORCYCLE", "BUS", "CAR", "TRUCK", "OTHER"},
        ("terespol", "2025-09-11T21:59:00Z"): {"MOTORCYCLE", "BUS", "CAR", "TRUCK", "OTHER"},
        ("terespol", "2025-09-11T22:00:00Z"): set(),
        ("terespol", "2025-09-24T22:00:00Z"): {"MOTORCYCLE", "BUS", "CAR", "TRUCK", "OTHER"},
        ("goldap", "2026-01-01T12:00:00Z"): set(),
    }
    for (post, at), classes in by_day.items():
        assert await permitted(centre, post, at, "ROAD_PASSENGER") == classes, (post, at)
    assert await permitted(centre, "kuznica", "2025-11-18T12:00:00Z", "ROAD_FREIGHT") == set()
    assert await permitted(centre, "terespol-rail", "2025-09-20T12:00:00Z", "RAIL_FREIGHT") == set()
    assert len(await permitted(centre, "terespol-rail", "2025-09-26T12:00:00Z", "RAIL_FREIGHT")) == 5
    lorry = (await standing(centre, "bobrowniki", "2025-11-18T12:00:00Z", "ROAD_FREIGHT"))["TRUCK"]["decision"]
    assert {"PL", "NO", "CH"} <= set(lorry["countries"])
    assert "BY" not in lorry["countries"]
    empty = (await standing(centre, "dolhobyczow", "2026-01-01T12:00:00Z", "ROAD_FREIGHT"))["TRUCK"]["decision"]
    assert (empty["maxKg"], empty["heavierEmpty"]) == (0, True)


async def test_loaded_again_nothing_changes(centre: Node, capsys: pytest.CaptureFixture[str]) -> None:
    book = part("medyka", "kuznica")
    await loaded(centre, book)
    before = len(centre.changes.tables.events.all())
    capsys.readouterr()
    assert await loaded(centre, book) == DONE
    assert capsys.readouterr().out.splitlines() == [
        f"unit: 0 new, 0 changed, {len(book.units)} as it was, 0 refused",
        f"post: 0 new, 0 changed, {len(book.posts)} as it was, 0 refused",
        f"decision: 0 new, 0 changed, {len(book.decisions)} as it was, 0 refused",
    ]
    assert len(centre.changes.tables.events.all()) == before


async def test_a_dry_run_tells_and_does_nothing(centre: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert await loaded(centre, dry_run=True) == DONE
    told = capsys.readouterr().out.splitlines()
    assert (told[0], told[-1]) == ("unit new: mf", "nothing was changed: dry run")
    assert (await centre.ask("{ units { edges { cursor } } }", Role.OFFICER))["units"]["edges"] == []


async def test_what_was_changed_by_hand_is_as_the_book_says_again_but_for_where_it_lies(
    centre: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    book = part("medyka")
    await loaded(centre, book)
    medyka = {"code": "medyka", "name": "Meduka", "border": "UA", "unit": "oc-401030", "kinds": ["ROAD"]}
    lies = {"latitude": 49.8, "longitude": 22.9}
    wish = {"idempotencyKey": key(), "isNew": False, **medyka, "position": lies}
    await centre.ask(PLACE_POST, Role.ADMINISTRATOR, input=wish)
    capsys.readouterr()

    assert await loaded(centre, book) == DONE
    assert capsys.readouterr().out.splitlines()[0] == "post changed: medyka"
    query = "query ($id: ID!) { post(id: $id) { name kinds position { latitude longitude } } }"
    post = (await centre.ask(query, Role.OFFICER, id=global_id("Post", "medyka")))["post"]
    assert post == {"name": "Medyka", "kinds": ["ROAD", "PEDESTRIAN"], "position": lies}


async def test_a_decision_that_was_ended_stays_ended(centre: Node) -> None:
    book = part("terespol")
    await loaded(centre, book)
    found = (await centre.ask(DECISIONS, Role.OFFICER))["posts"]["edges"]
    opened = found[0]["node"]["permittedTraffic"]["edges"][-1]["node"]["id"]
    wish = {"idempotencyKey": key(), "permittedTrafficId": opened, "reason": "uchylenie"}
    await centre.ask(END, Role.ADMINISTRATOR, input=wish)
    await loaded(centre, book)
    assert (await standing(centre, "terespol", "2026-12-31T00:00:00Z", "ROAD_PASSENGER"))["CAR"]["decision"] is None


async def test_a_unit_that_was_ended_stays_ended(centre: Node, capsys: pytest.CaptureFixture[str]) -> None:
    book = part("terespol")
    await loaded(centre, book)
    assert (await end(centre, "Unit", "oc-371010"))["__typename"] == "PartEndSuccess"
    capsys.readouterr()
    assert await loaded(centre, book) == DONE
    assert capsys.readouterr().out.splitlines()[0] == f"unit: 0 new, 0 changed, {len(book.units)} as it was, 0 refused"


async def test_what_is_refused_is_told_and_the_rest_is_done(centre: Node, capsys: pytest.CaptureFixture[str]) -> None:
    book = part("bezledy", "medyka")
    wrong = replace(book, posts=[{**book.posts[0], "border": "Rosja"}, *book.posts[1:]], decisions=[])
    assert await loaded(centre, wrong) == REFUSED
    told = capsys.readouterr()
    assert told.err.startswith("post refused: bezledy: COUNTRY_MALFORMED")
    assert f"post: {len(book.posts) - 1} new, 0 changed, 0 as it was, 1 refused" in told.out


async def test_a_site_is_not_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await loaded(memory_node(tmp_path)) == REFUSED
    assert capsys.readouterr().err == "dorohusk is not the centre, where alone the organisation is set up\n"


def test_a_centre_that_does_not_run_is_not_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert load(tmp_path, dry_run=False) == SILENT
    assert capsys.readouterr().err.startswith("The centre must be running to be loaded: no node runs on")
