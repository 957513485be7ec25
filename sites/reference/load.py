"""What ``caifs reference load`` does: has the running centre hold what the reference data says.

What the centre does not know is set up, what it knows otherwise is changed, and what it knows so stays as it is.
Nothing that the files do not name is touched; what somebody ended stays ended.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import typer

from api.ids import global_id
from domain.shared.actors import Role
from sites.desk import Desk, Refused
from sites.reference.book import Book, Wish, read
from sites.running import NotDone, found

DONE, REFUSED, SILENT = 0, 1, 2
"""Exit codes: done, the node refused something or is not the centre, the node does not answer."""
PURPOSE: Final = "caifs reference load"
Tell = Callable[[str, str], None]
"""Told an outcome, and the line that says of what."""
_ROLE: Final = "{ thisNode { code role } }"
_UNITS: Final = """query Units($after: String) { units(first: 100, after: $after) {
  edges { node { code kind name parent customsCode seat endedAt version } } pageInfo { hasNextPage endCursor }
} }"""
_POSTS: Final = """query Posts($after: String) { posts(first: 100, after: $after) {
  edges { node { code name neighbour border unit kinds note endedAt version position { latitude longitude } } }
  pageInfo { hasNextPage endCursor }
} }"""
_DECISIONS: Final = """query Decided($post: ID!, $after: String) { post(id: $post) {
  permittedTraffic(first: 100, after: $after) {
    edges { node {
      post directions kinds classes countries maxKg heavierEmpty closed validFrom decree
    } }
    pageInfo { hasNextPage endCursor }
  }
} }"""
_PROBLEM: Final = "__typename ... on Problem { code message path }"
_PLACE_UNIT: Final = f"mutation Place($input: UnitPlaceInput!) {{ unitPlace(input: $input) {{ {_PROBLEM} }} }}"
_PLACE_POST: Final = f"mutation Place($input: PostPlaceInput!) {{ postPlace(input: $input) {{ {_PROBLEM} }} }}"
_PERMIT: Final = f"mutation Permit($input: TrafficPermitInput!) {{ trafficPermit(input: $input) {{ {_PROBLEM} }} }}"


def load(state: Path, *, dry_run: bool) -> int:
    """Load the reference data into the centre that runs on a state folder, and tell; return the exit code."""
    try:
        return found(state).at_desk(
            lambda desk: load_at(desk, read(), dry_run=dry_run), role=Role.ADMINISTRATOR, purpose=PURPOSE
        )
    except NotDone as failure:
        typer.echo(f"The centre must be running to be loaded: {failure}", err=True)
        return REFUSED if isinstance(failure.__cause__, Refused) else SILENT


def _print(outcome: str, line: str) -> None:
    typer.echo(line, err=outcome == "refused")


async def load_at(desk: Desk, book: Book, *, dry_run: bool, tell: Tell = _print) -> int:
    """Load a book as the administrator at a desk, and tell; return the exit code."""
    node = (await desk.look(_ROLE))["thisNode"]
    if node["role"] != "central":
        tell("refused", f"{node['code']} is not the centre, where alone the organisation is set up")
        return REFUSED
    return await _Loading(desk, book, tell, dry_run=dry_run).run()


class _Loading:
    """One run over a book; tells each thing it does."""

    def __init__(self, desk: Desk, book: Book, tell: Tell, *, dry_run: bool) -> None:
        self._desk = desk
        self._book = book
        self._say = tell
        self._dry_run = dry_run
        self._tally: dict[str, Counter[str]] = {}

    async def run(self) -> int:
        """Do it, and return the exit code."""
        await self._place("unit", self._book.units, await self._all(_UNITS, "units"), _PLACE_UNIT)
        known = await self._all(_POSTS, "posts")
        await self._place("post", self._book.posts, known, _PLACE_POST)
        await self._decide({post["code"] for post in known})
        for kind, count in self._tally.items():
            told = ", ".join(f"{count[outcome]} {outcome}" for outcome in ("new", "changed", "as it was", "refused"))
            self._say("sum", f"{kind}: {told}")
        if self._dry_run:
            self._say("sum", "nothing was changed: dry run")
        return REFUSED if any(count["refused"] for count in self._tally.values()) else DONE

    async def _place(self, kind: str, wishes: Iterable[Wish], known: Sequence[Wish], document: str) -> None:
        """Have each unit or post be as the book says. Where a post lies the book does not say: that stays."""
        standing = {one["code"]: one for one in known}
        for wish in wishes:
            there = standing.get(wish["code"])
            if there is not None and (there["endedAt"] is not None or _says(there, wish)):
                self._tell(kind, "as it was", wish["code"])
                continue
            kept = {"position": there["position"]} if there is not None and "position" in there else {}
            outcome, seen = ("new", None) if there is None else ("changed", there["version"])
            placed = {**wish, **kept, "isNew": there is None, "seen": seen}
            await self._ask(kind, outcome, wish["code"], document, placed)

    async def _decide(self, known: set[str]) -> None:
        """Have each decision on record that is not, be it in force or ended."""
        decided: dict[str, Sequence[Wish]] = {}
        for wish in self._book.decisions:
            post = wish["post"]
            if post not in decided:
                decided[post] = await self._decided(post) if post in known else ()
            named = f"{post} {wish['validFrom'][:10]}: {wish['decree']}"
            identity = {name: value for name, value in wish.items() if name != "validUntil"}
            if any(_says(one, identity) for one in decided[post]):
                self._tell("decision", "as it was", named)
            else:
                await self._ask("decision", "new", named, _PERMIT, wish)

    async def _decided(self, post: str) -> Sequence[Wish]:
        return await self._all(_DECISIONS, "post", "permittedTraffic", post=global_id("Post", post))

    async def _all(self, document: str, *path: str, **variables: str) -> Sequence[Wish]:
        """Return the whole of a list, page by page."""
        rows: list[Wish] = []
        after = None
        while True:
            page: Any = await self._desk.look(document, after=after, **variables)
            for name in path:
                page = page[name]
            rows += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return rows
            after = page["pageInfo"]["endCursor"]

    async def _ask(self, kind: str, outcome: str, named: str, document: str, wish: Wish) -> None:
        if self._dry_run:
            self._tell(kind, outcome, named)
            return
        try:
            await self._desk.ask(document, {**wish, "idempotencyKey": str(uuid4())})
        except Refused as refusal:
            self._tell(kind, "refused", f"{named}: {refusal}")
        else:
            self._tell(kind, outcome, named)

    def _tell(self, kind: str, outcome: str, named: str) -> None:
        self._tally.setdefault(kind, Counter())[outcome] += 1
        if outcome != "as it was":
            self._say(outcome, f"{kind} {outcome}: {named}")


def _says(there: Mapping[str, Any], wish: Wish) -> bool:
    return all(there.get(name) == value for name, value in wish.items())
