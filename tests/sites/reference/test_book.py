"""The reference data: what its files say fits together, and each fact says where it is from."""

import re
from collections import Counter

import pytest

from sites.reference.book import POST_FILES, TRAFFIC_FILE, UNIT_FILES, facts, read

FILES = [*((file, "unit") for file in UNIT_FILES), *((file, "post") for file in POST_FILES), (TRAFFIC_FILE, "decision")]
SOURCE = re.compile(r"[DSM]\b")


@pytest.mark.parametrize(("file", "kind"), FILES)
def test_each_fact_says_where_it_is_from(file: str, kind: str) -> None:
    assert [fact for fact in facts(file, kind) if not SOURCE.match(fact["source"])] == []


def test_units_stand_below_units_that_come_before() -> None:
    known = {""}
    for unit in read().units:
        assert unit["parent"] in known
        known.add(unit["code"])
    kinds = Counter(unit["kind"] for unit in read().units)
    assert (kinds["MINISTRY"], kinds["CHAMBER"], kinds["OFFICE"]) == (1, 16, 16)
    assert {unit["code"] for unit in read().units if unit["kind"] == "BRANCH"} == {
        f"oc-{unit['customsCode']}" for unit in read().units if unit["customsCode"]
    }


def test_posts_are_run_by_units_and_lie_at_the_eastern_border() -> None:
    units, posts = {unit["code"] for unit in read().units}, read().posts
    assert {post["unit"] for post in posts} <= units
    assert len({post["code"] for post in posts}) == len(posts)
    assert Counter(post["border"] for post in posts if "ROAD" in post["kinds"]) == {"RU": 4, "BY": 6, "UA": 9}
    assert Counter(post["border"] for post in posts if "RAIL" in post["kinds"]) == {"RU": 4, "BY": 5, "UA": 6}


def test_each_road_post_has_a_decision_and_each_decision_a_post() -> None:
    book = read()
    codes = {post["code"] for post in book.posts}
    decided = {decision["post"] for decision in book.decisions}
    assert decided <= codes
    assert {post["code"] for post in book.posts if "ROAD" in post["kinds"]} <= decided
    assert [one["validFrom"] for one in book.decisions] == sorted(one["validFrom"] for one in book.decisions)
