"""Whether what was answered to users is in each database that should hold it: once, in order, as the logs say.

And whether what was erased is in none.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bus.codec import EventUnreadable, decode
from domain.alarms.events import AlarmRaised
from domain.registrations.events import Registered
from domain.watchlist.events import EntryActivated
from sites.demo.comparison import compare
from sites.demo.node import Node, Plan, above
from sites.demo.topology import Topology
from sites.equality.differences import Difference
from sites.equality.stored import Stored, stored
from tests.chaos.book import Answered, Book, Restored, What
from tests.chaos.erased import kept, tombstones

ANY = "*"
Place = tuple[int, int]
"""A log of a database, and a number in it."""

_EVENTS = "SELECT log_id, seq, body FROM event WHERE body IS NOT NULL ORDER BY log_id, seq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a database holds of what users were answered.

    Attributes:
        ids: of each table.
        labels: how often each label of a node is in each table.
        places: where in the logs each object was put on record, oldest first.
        erased: ids of what was erased.
    """

    ids: Mapping[What, frozenset[str]]
    labels: Mapping[What, Counter[str]]
    places: Mapping[str, Sequence[Place]]
    erased: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong, in words; nothing when all holds.

    Attributes:
        lost: what was answered and is not held somewhere.
        doubled: what is held more than once.
        disordered: what is in another order than it was answered.
        kept: what was erased and is still held.
        found: differences of each node from others and from its own logs, by what was compared.
    """

    lost: Sequence[str]
    doubled: Sequence[str]
    disordered: Sequence[str]
    kept: Sequence[str]
    found: Mapping[str, Sequence[Difference]]

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return not (self.lost or self.doubled or self.disordered or self.kept or any(self.found.values()))


async def judge(
    topology: Topology, plans: Mapping[str, Plan], book: Book, restored: Sequence[Restored] = ()
) -> Verdict:
    """Read all databases, and compare them with the book, with one another and with their own logs."""
    held = {code: await held_by(node) for code, node in topology.nodes.items()}
    erased = _erased(book, held)
    return Verdict(
        lost=list(_lost(plans, book, held, restored)),
        doubled=list(_doubled(plans, book, held, restored)),
        disordered=list(_disordered(plans, book, held)),
        kept=[told for code, node in topology.nodes.items() async for told in _kept(code, node, erased)],
        found={name: found for name, found in (await compare(topology)).items() if found},
    )


def holders(plans: Mapping[str, Plan], one: Answered) -> Sequence[str]:
    """Return the nodes whose databases should hold something."""
    if one.what in {"entry", "erasure"}:
        return [code for code, plan in plans.items() if plan.parent is None or {ANY, one.label} & set(plan.scopes)]
    return [one.node, *above(plans, one.node)]


async def held_by(node: Node) -> Held:
    """Return what a node's database holds.

    Raises:
        sqlite3.Error, OSError, asyncpg.PostgresError: it cannot be read.
    """
    async with stored(node.database) as database:
        return await _held(database)


async def _held(database: Stored) -> Held:
    registrations = [row async for row in database.rows("SELECT id, node, label FROM registration")]
    alarms = [row async for row in database.rows("SELECT id, node, label, state FROM alarm WHERE source = 'officer'")]
    entries = [row async for row in database.rows("SELECT id FROM entry WHERE approved_at IS NOT NULL")]
    erasures = [row async for row in database.rows("SELECT id FROM erasure")]
    return Held(
        ids={
            "registration": _ids(registrations),
            "alarm": _ids(alarms),
            "acknowledgement": _ids([alarm for alarm in alarms if alarm["state"] == "acknowledged"]),
            "entry": _ids(entries),
            "erasure": _ids(erasures),
        },
        labels={"registration": _labels(registrations), "alarm": _labels(alarms)},
        places=await _places(database),
        erased=await tombstones(database),
    )


def _ids(rows: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(str(row["id"]) for row in rows)


def _labels(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    return Counter(f"{row['node']}/{row['label']}" for row in rows)


async def _places(database: Stored) -> Mapping[str, Sequence[Place]]:
    places: dict[str, list[Place]] = {}
    async for row in database.rows(_EVENTS):
        try:
            _, _, event = decode(row["body"])
        except EventUnreadable:
            continue
        match event:
            case Registered(registration=known) | AlarmRaised(alarm=known) | EntryActivated(entry=known):
                places.setdefault(known.id, []).append((row["log_id"], row["seq"]))
    return places


def _lost(
    plans: Mapping[str, Plan], book: Book, held: Mapping[str, Held], restored: Sequence[Restored] = ()
) -> Iterator[str]:
    """Yield what some database lacks, unless all do and its only copy went with a database that was restored.

    What was to be erased, and is, nobody holds; an erasure is held where its tombstone is.
    """
    erased = {one.id for one in _erased(book, held)}
    for one in book.answered:
        if one.id in erased:
            continue
        if any(each.took(one) for each in restored) and not any(one.id in each.ids[one.what] for each in held.values()):
            continue
        for code in holders(plans, one):
            if one.id not in held[code].ids[one.what]:
                yield f"{one.what} {one.id} ({one.label}), answered by {one.node}, is not at {code}"
            elif one.what == "erasure" and book.erased[one.id] not in held[code].erased:
                yield f"erasure {one.id} did not erase {book.erased[one.id]} at {code}"


def _erased(book: Book, held: Mapping[str, Held]) -> Sequence[Answered]:
    """Return what was to be erased and has a tombstone somewhere."""
    return [one for one in book.to_erase if any(one.id in each.erased for each in held.values())]


async def _kept(code: str, node: Node, erased: Sequence[Answered]) -> AsyncIterator[str]:
    """Yield where a node has yet something that names what was erased."""
    async with stored(node.database) as database:
        async for table, label in kept(database, [one.label for one in erased]):
            yield f"{label}, which was erased, is in the table {table} at {code}"


def _doubled(
    plans: Mapping[str, Plan], book: Book, held: Mapping[str, Held], restored: Sequence[Restored] = ()
) -> Iterator[str]:
    again = {each.node for each in restored}
    for one in book.answered:
        if any(each.fell_between(one) for each in restored):
            continue
        for code in holders(plans, one):
            times = held[code].labels[one.what][f"{one.node}/{one.label}"] if one.what in held[code].labels else 1
            recorded = _times_recorded(held[code].places.get(one.id, ()), is_restored=one.node in again)
            if times > 1 or recorded > 1:
                yield f"{one.what} {one.label} of {one.node} is {times} times at {code}, on record {recorded} times"


def _times_recorded(places: Sequence[Place], *, is_restored: bool) -> int:
    """Return how often something is on record; a restored node may have it in the logs of two of its epochs."""
    if not is_restored:
        return len(places)
    return max(Counter(log for log, _ in places).values(), default=0)


def _disordered(plans: Mapping[str, Plan], book: Book, held: Mapping[str, Held]) -> Iterator[str]:
    """Yield what stands in a log ahead of what its voice was answered earlier."""
    for code in plans:
        for what in ("registration", "alarm", "entry"):
            for voice, answered in book.of_voices(what).items():
                last: dict[int, int] = {}
                for (log, seq), one in _first_places(held[code], answered):
                    if seq < last.get(log, 0):
                        yield f"{what} {one.id} of {voice} is ahead of an earlier one at {code}"
                    last[log] = seq


def _first_places(held: Held, answered: Sequence[Answered]) -> Iterator[tuple[Place, Answered]]:
    """Yield where objects were put on record, each for its first answer: a later one is that it is known already."""
    first: dict[str, Answered] = {}
    for one in answered:
        first.setdefault(one.id, one)
    for one in first.values():
        for place in held.places.get(one.id, ())[:1]:
            yield place, one
