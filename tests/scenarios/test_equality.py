"""The comparison of databases sees every row that is gone and every row that was altered, at whichever level."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from bus.catalogue import ENTITIES
from sites.demo.book import Book
from sites.demo.comparison import compare
from sites.demo.lag import Standings
from sites.demo.topology import CENTRE, REGION, Topology
from sites.demo.verdict import judge
from sites.equality.copies import _DOWN, _UP
from sites.equality.differences import Difference, difference
from sites.equality.stored import Stored, stored
from tests.scenarios.damage import damaged
from tests.scenarios.everything import SITE

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

UP = (SITE, REGION, CENTRE)
ABOVE = (REGION, CENTRE)

Found = Mapping[str, Sequence[Difference]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Rows that several nodes hold alike.

    Attributes:
        of: what they belong to.
        where: which rows of the table they are.
        alteration: what may be done to one of them.
        at: the nodes that hold them, each below the next.
        down: whether they came from above.
        name: what a row is called in a difference.
    """

    table: str
    of: str
    where: str
    alteration: str
    at: tuple[str, ...] = UP
    down: bool = False
    name: str = "CAST(id AS TEXT)"

    @property
    def label(self) -> str:
        return f"{self.table} of {self.of}"

    @property
    def part(self) -> str:
        """With what it is damaged together: never with what a damaged row belongs to, or tells the age of."""
        if self.table == "log":
            return "trails" if self.of in {"audit", REGION} else "logs"
        return {"event": "events", "entry": "wholes", "erasure": "wholes"}.get(self.table, "rows")

    def told(self, damaged: str) -> dict[str, bool]:
        """Return which comparisons must tell of damage at a node, and whether the row that is gone is missing there."""
        pairs = [(low, high) for number, low in enumerate(self.at) for high in self.at[number + 1 :]]
        told = {}
        for low, high in pairs:
            copy, original = (low, high) if self.down else (high, low)
            if damaged in (low, high):
                told[f"{copy} against {original}"] = damaged == copy
        return told


def in_log(origin: str, channel: str) -> str:
    return f"log_id IN (SELECT id FROM log WHERE origin = '{origin}' AND channel = '{channel}')"  # noqa: S608 - of this file


LOG = "origin || '/' || epoch || '/' || channel"
EVENT = "(SELECT origin || '/' || epoch || '/' || channel FROM log WHERE log.id = event.log_id) || '/' || seq"
OF_SITE = f"node = '{SITE}'"
OF_ENTRY = "entry_id IN (SELECT id FROM entry WHERE approved_at IS NOT NULL)"
LATER, LONGER = "hlc = hlc + 1", "seq = seq + 1"
LIST, DRAFTS, ERASED = f"watchlist.{SITE}", "watchlist.drafts", f"erasure.{SITE}"
ALIKE = {entry.table for entry in ENTITIES.values()} - {"occurrence", "site"}
"""Entities: what holds for one of them holds for all, which are shown and compared by the same code."""
HELD = (
    *(
        Held(table="log", of=name, where=f"origin = '{SITE}' AND channel = '{name}'", alteration=LONGER, name=LOG)
        for name in ("alarms", "facts", "technical", "audit")
    ),
    *(
        Held(table="event", name=EVENT, of=name, where=in_log(SITE, name), alteration=LATER)
        for name in ("alarms", "facts", "technical", "audit")
    ),
    Held(table="reading", of=SITE, where=OF_SITE, alteration="plate_raw = 'X'"),
    Held(table="registration", of=SITE, where=OF_SITE, alteration="label = 'X'"),
    Held(
        table="passage_link",
        of=SITE,
        where=OF_SITE,
        alteration="registration_id = passage_id",
        name="CAST(linked_passage_id AS TEXT)",
    ),
    Held(table="alarm", of=SITE, where=OF_SITE, alteration="text = 'X'"),
    Held(table="quarantined_push", of=SITE, where=OF_SITE, alteration="reason = 'X'"),
    Held(table="quarantine_tally", of=SITE, where=OF_SITE, alteration="held = 0", name="device"),
    Held(table="occurrence", of=SITE, where=OF_SITE, alteration="kind = 'closure'"),
    Held(table="audit_record", of=SITE, where=OF_SITE, alteration="who = 'X'"),
    Held(table="log", of=REGION, where=f"origin = '{REGION}'", alteration=LONGER, at=ABOVE, name=LOG),
    Held(table="event", name=EVENT, of=REGION, where=in_log(REGION, "audit"), alteration=LATER, at=ABOVE),
    Held(table="audit_record", of=REGION, where=f"node = '{REGION}'", alteration="who = 'X'", at=ABOVE),
    Held(table="log", of=LIST, where=f"channel = '{LIST}'", alteration=LONGER, down=True, name=LOG),
    Held(table="event", name=EVENT, of=LIST, where=in_log(CENTRE, LIST), alteration=LATER, down=True),
    Held(table="entry", of=LIST, where="approved_at IS NOT NULL", alteration="title = 'X'", down=True),
    Held(table="criterion", of=LIST, where=OF_ENTRY, alteration="canonical = 'X'", down=True),
    Held(table="device", of=SITE, where=f"site = '{SITE}'", alteration="lane = 'X'", down=True, name="code"),
    Held(table="site", of=SITE, where=f"code = '{SITE}'", alteration="unit = 'x'", down=True, name="code"),
    Held(table="erasure", of=ERASED, where=f"scope = '{SITE}'", alteration="reason = 'X'", down=True),
    Held(table="tombstone", of=ERASED, where="id IS NOT NULL", alteration="is_event = NOT is_event", down=True),
    Held(table="log", of=DRAFTS, where=f"channel = '{DRAFTS}'", alteration=LONGER, at=ABOVE, down=True, name=LOG),
    Held(table="event", name=EVENT, of=DRAFTS, where=in_log(CENTRE, DRAFTS), alteration=LATER, at=ABOVE, down=True),
    Held(table="entry", of=DRAFTS, where="approved_at IS NULL", alteration="title = 'X'", at=ABOVE, down=True),
)
EACH = pytest.mark.parametrize(
    ("part", "level"), [(part, level) for part in ("logs", "trails", "events", "wholes", "rows") for level in UP]
)

Rows = Sequence[tuple[Held, str]]
"""Rows, by what they are called."""


async def found(topology: Topology) -> Found:
    return {name: differences for name, differences in (await compare(topology)).items() if differences}


async def one_of(held: Held, topology: Topology, level: str) -> str:
    """Return the name of the first such row at a level."""
    async with stored(topology.nodes[level].database) as database:
        query = f"SELECT {held.name} AS name FROM {held.table} WHERE {held.where} ORDER BY 1"  # noqa: S608 - of this file
        first, *_ = [str(row["name"]) async for row in database.rows(query)]
        return first


async def rows_of(part: str, topology: Topology, level: str) -> Rows:
    """Return a row of everything in a part that a level holds."""
    return [(held, await one_of(held, topology, level)) for held in HELD if level in held.at and held.part == part]


def all_told(rows: Rows, found: Found) -> dict[str, dict[str, Difference]]:
    """Return what is told of the tables of these rows, but for nodes in themselves."""
    return {held.table: told_of(held.table, found) for held, _ in rows}


def told_of_itself(level: str, found: Found) -> dict[str, Difference]:
    """Return what a node shows otherwise than its logs say, by table."""
    return {one.table: one for one in found[f"{level} against its own logs"]}


def expected(rows: Rows, level: str, *, gone: bool) -> dict[str, dict[str, Difference]]:
    """Return what must be told when these rows are gone at a level, or altered there."""
    told: dict[str, dict[str, dict[str, list[str]]]] = {}
    for held, row in rows:
        for pair, is_missing in held.told(level).items():
            what = ("missing" if is_missing else "extra") if gone else "altered"
            told.setdefault(held.table, {}).setdefault(pair, {}).setdefault(what, []).append(row)
    return {
        table: {
            pair: difference(table, **{what: sorted(names) for what, names in each.items()})
            for pair, each in pairs.items()
        }
        for table, pairs in told.items()
    }


def told_of(table: str, found: Found) -> dict[str, Difference]:
    """Return what is told of a table, by what was compared, but for nodes in themselves."""
    return {
        name: one
        for name, differences in found.items()
        for one in differences
        if one.table == table and "its own" not in name
    }


async def test_what_nobody_has_touched_is_equal(stopped: Topology) -> None:
    compared = await compare(stopped)
    assert {name: differences for name, differences in compared.items() if differences} == {}
    assert len(compared) == len(stopped.nodes) + 2 * 5


async def test_each_table_that_is_compared_is_damaged_here() -> None:
    assert {held.table for held in HELD if not held.down} == set(_UP) - ALIKE
    assert {held.table for held in HELD if held.down} == set(_DOWN) - ALIKE


async def test_no_table_is_empty(stopped: Topology) -> None:
    for level in UP:
        async with stored(stopped.nodes[level].database) as database:
            filled = {table async for table in _filled(database)}
        assert filled == {*_UP, *_DOWN}, level


async def _filled(database: Stored) -> AsyncIterator[str]:
    for table in {**_UP, **_DOWN}:
        query = f"SELECT count(*) AS many FROM {table}"  # noqa: S608 - of our own
        (row,) = [row async for row in database.rows(query)]
        if row["many"]:
            yield table


async def test_the_verdict_says_equal_as_long_as_nothing_is_damaged(stopped: Topology) -> None:
    assert (await judge(stopped, Book(), Standings(stopped))).equal
    async with damaged(stopped.nodes[CENTRE], {"alarm"}, ("UPDATE alarm SET text = 'X'",)):
        verdict = await judge(stopped, Book(), Standings(stopped))
    assert not verdict.equal
    assert {one["table"] for each in verdict.summary(stopped, Book())["differences"].values() for one in each} == {
        "alarm"
    }


@EACH
async def test_rows_that_are_gone_are_told(part: str, level: str, stopped: Topology) -> None:
    rows = await rows_of(part, stopped, level)
    deletions = [(f"DELETE FROM {held.table} WHERE {held.name} = $1", row) for held, row in rows]  # noqa: S608 - of this file
    async with damaged(stopped.nodes[level], {held.table for held, _ in rows}, *deletions):
        told = await found(stopped)
    assert all_told(rows, told) == expected(rows, level, gone=True)
    in_itself = told_of_itself(level, told)
    if part == "trails":
        assert "audit_record" in in_itself
    elif part == "logs":  # which told of all that is shown but these
        of_others = {"log", "event", "audit_record", "device", "site", "erasure", "tombstone"}
        assert {held.table for held in HELD if level in held.at} - of_others <= in_itself.keys()
    else:
        assert [row for held, row in rows if row not in in_itself[held.table].missing] == []


@EACH
async def test_rows_that_were_altered_are_told(part: str, level: str, stopped: Topology) -> None:
    rows = await rows_of(part, stopped, level)
    alterations = [(f"UPDATE {held.table} SET {held.alteration} WHERE {held.name} = $1", row) for held, row in rows]  # noqa: S608 - of this file
    async with damaged(stopped.nodes[level], {held.table for held, _ in rows}, *alterations):
        told = await found(stopped)
    assert all_told(rows, told) == expected(rows, level, gone=False)
    in_itself = told_of_itself(level, told)
    if part in {"logs", "trails"}:  # which end later than their events
        assert [one.rpartition("/")[0] for one in in_itself["event"].missing] == sorted(row for _, row in rows)
    elif part == "events":  # which are told by their ids
        assert len(in_itself["event"].altered) == len(rows)
    else:
        assert [row for held, row in rows if row not in in_itself[held.table].altered] == []


@pytest.mark.parametrize("level", UP)
async def test_a_row_of_a_stranger_is_told(level: str, stopped: Topology) -> None:
    alarms = next(held for held in HELD if held.table == "alarm")
    moved = await one_of(alarms, stopped, level)
    async with damaged(
        stopped.nodes[level], {"alarm"}, ("UPDATE alarm SET node = 'x' WHERE CAST(id AS TEXT) = $1", moved)
    ):
        told = await found(stopped)
    missing, altered = difference("alarm", missing=[moved]), difference("alarm", altered=[moved])
    below = f"against {level}"
    assert told_of("alarm", told) == {pair: altered if pair.endswith(below) else missing for pair in alarms.told(level)}
