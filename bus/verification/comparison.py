"""One comparison of two nodes: logs first, then the tables, which show what the logs say.

What one node merely has not received yet is no difference: logs are compared up to the lower of both heads, and a row
counts only if both nodes still hold it the same way, each its own, after each has got to where the other was.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from bus.catalogue import UP, owner_of
from bus.replication.digests import Digest, Span
from bus.replication.log import LogId
from bus.verification.differences import MOST, Behind, Difference, Fault, Side, name_of
from bus.verification.events import DIFFERING_MAX, damaged, differing, named, repaired
from bus.verification.extents import Extents, extents_of, going_on
from bus.verification.ports import Cannot, Custody, Extent, Holdings, Judged, Share, SharedTables, Source
from bus.verification.rows import Unlike, unlike
from bus.verification.trails import Trails

NEAR: Final = 10_000
"""Events by which a node may be behind, and its tables be compared nevertheless."""
LEVEL_WITHIN: Final = 30.0
_LOOK_AGAIN: Final = 0.05
_LOOK_EVERY: Final = 0.5

Named = tuple[str, str]


class Comparison:
    """Two nodes, and what is found in them.

    Attributes:
        differences: those that were found, `MOST` at most.
        behind: logs of which one node has less.
        not_compared: what could not be, and why.
        rows: how many events and rows were compared.
    """

    def __init__(
        self,
        here: Holdings,
        there: Source,
        tables: SharedTables,
        *,
        codes: tuple[str, str],
        custody: Custody | None,
        concerns: Callable[[LogId], bool],
        repair: bool,
    ) -> None:
        """Compare what ``concerns`` both.

        Args:
            here: a node.
            there: another one.
            tables: what is shown at both.
            codes: of the node, and of the other one.
            custody: the first node in full, if it is this one; it is then looked at in itself too.
            concerns: tells of a log that only one of them holds whether the other must hold it.
            repair: put right what can be, at this node.
        """
        self._here = here
        self._there = there
        self._tables = tables
        self._codes = codes
        self._custody = custody
        self._concerns = concerns
        self._repair = repair
        self.differences: list[Difference] = []
        self.behind: list[Behind] = []
        self.not_compared: list[str] = []
        self.rows = 0

    async def run(self) -> None:
        """Compare everything; what the other node does not answer is not compared, and said so."""
        here = await extents_of(self._here)
        try:
            there = await extents_of(self._there)
        except Cannot as silence:
            self.not_compared.append(f"everything: {silence}")
            there = {}
        for log in sorted(here, key=name_of):
            await self._log(here[log], there.get(log))
        if there:
            trails = Trails(
                here=here,
                there=there,
                codes=self._codes,
                concerns=self._concerns,
                is_told_all=self._custody is not None,
            )
            self.behind += _behind(here, there, self._concerns, trails)
            await self._rows(here, there, trails)

    async def _log(self, mine: Extent, theirs: Extent | None) -> None:
        own = {} if self._custody is None else await damaged(self._custody, mine)
        between: Mapping[int, tuple[Digest, Digest]] = {}
        if theirs is not None:
            span = Span(max(mine.floor.seq, theirs.floor.seq) + 1, min(mine.head.seq, theirs.head.seq))
            self.rows += max(0, span.last - span.first + 1)
            try:
                between = await differing(self._here, self._there, mine.log, span)
            except Cannot as silence:
                self.not_compared.append(f"{name_of(mine.log)}: {silence}")
        if max(len(own), len(between)) >= DIFFERING_MAX:
            self.not_compared.append(f"{name_of(mine.log)}: what lies behind the first {DIFFERING_MAX} differences")
        found = named(mine.log, own, between)
        if found and self._repair and self._custody is not None:
            found = await repaired(self._custody, self._there, mine, found)
        self._note(found)

    async def _rows(self, here: Extents, there: Extents, trails: Trails) -> None:
        """Compare the tables; what seems unlike is looked at once more when both have what the other had."""
        seen = await self._unlike(here, there, trails)
        if not seen:
            return
        if not await self._level(here, there, {row.owner for row in seen.values()}, trails):
            self.not_compared.append("rows that may be under way: the nodes did not get level")
            return
        again = await self._unlike(here, there, trails, {table for table, _ in seen})
        stands = await self._counting({one: row for one, row in again.items() if seen.get(one) == row}, trails)
        judged = await self._judged(list(stands)[:MOST], stands, repair=self._repair)
        self._note([_difference(one, row, judged.get(one)) for one, row in stands.items()])

    async def _counting(self, stands: Mapping[Named, Unlike], trails: Trails) -> Mapping[Named, Unlike]:
        """Return the rows that the node which lacks them must have."""
        partial = [one for one, row in stands.items() if row.owner in trails.partial]
        judged = await self._judged(partial, stands, repair=False)
        return {one: row for one, row in stands.items() if not trails.excuses(row, judged.get(one))}

    async def _unlike(
        self, here: Extents, there: Extents, trails: Trails, only: set[str] | None = None
    ) -> Mapping[Named, Unlike]:
        both = going_on(here, there)
        far = {owner_of(log) for log in both if _is_far(log, here, there, trails)}
        if far and only is None:
            self.not_compared.append(f"tables: too far behind in what belongs to {', '.join(sorted(far))}")
        whole = {owner_of(log) for log in both} - far - trails.partial
        nodes, feeds = (
            sorted({owner_of(log) for log in both if (log.channel in UP) is up} & whole) for up in (True, False)
        )
        found: dict[Named, Unlike] = {}
        for tables, owners, most in (
            (self._tables.up, nodes, 10 * MOST),
            (self._tables.up, sorted(trails.partial - far), 100 * MOST),
            (self._tables.down, feeds, 10 * MOST),
        ):
            for table in tables:
                if owners and (only is None or table in only):
                    found |= await self._table(Share(table, owners), most, is_first=only is None)
        return found

    async def _table(self, share: Share, most: int, *, is_first: bool) -> Mapping[Named, Unlike]:
        try:
            rows, count = await unlike(self._here, self._there, share, most=most)
        except Cannot as silence:
            self.not_compared.append(f"{share.table}: {silence}")
            return {}
        if len(rows) >= most and is_first:
            self.not_compared.append(f"{share.table}: what lies behind the first {most} differences")
        self.rows += count if is_first else 0
        return {(share.table, key): row for key, row in rows.items()}

    async def _level(self, here: Extents, there: Extents, owners: set[str], trails: Trails) -> bool:
        """Wait until each node has what the other had of the logs of these owners; tell whether it came to that."""
        logs = [log for log in going_on(here, there) if owner_of(log) in owners or log.channel not in UP]
        wanted = [_wanted(side, logs, here, there, trails) for side in (Side.HERE, Side.THERE)]
        end, pause = asyncio.get_running_loop().time() + LEVEL_WITHIN, _LOOK_AGAIN
        while asyncio.get_running_loop().time() < end:
            try:
                now = await extents_of(self._here), await extents_of(self._there)
            except Cannot:
                return False
            if all(
                log in side and side[log].head.seq >= seq
                for side, heads in zip(now, wanted, strict=True)
                for log, seq in heads.items()
            ):
                return True
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LOOK_EVERY)
        return False

    async def _judged(
        self, rows: Sequence[Named], stands: Mapping[Named, Unlike], *, repair: bool
    ) -> Mapping[Named, Judged]:
        if self._custody is None or not rows:
            return {}
        owners = {stands[one].owner for one in rows}
        return await self._custody.judge(owners, rows, self._there.records, repair=repair)

    def _note(self, found: Sequence[Difference]) -> None:
        room = MOST - len(self.differences)
        self.differences += found[:room]
        if len(found) > room:
            self.not_compared.append(f"{len(found) - room} more differences are not named")


def _is_far(log: LogId, here: Extents, there: Extents, trails: Trails) -> bool:
    """Tell whether one of two nodes has a long way to where the other is."""
    ahead = here[log].head.seq - there[log].head.seq
    return abs(ahead) > NEAR and trails.is_bound(Side.HERE if ahead < 0 else Side.THERE, log)


def _wanted(side: Side, logs: Collection[LogId], here: Extents, there: Extents, trails: Trails) -> Mapping[LogId, int]:
    """Return how far a node must come in logs that go on: to where the other was, or else stay where it is."""
    mine, theirs = (here, there) if side is Side.HERE else (there, here)
    return {log: max(mine[log].head.seq, theirs[log].head.seq if trails.is_bound(side, log) else 0) for log in logs}


def _behind(here: Extents, there: Extents, concerns: Callable[[LogId], bool], trails: Trails) -> list[Behind]:
    found = []
    for log in sorted(here.keys() | there.keys(), key=name_of):
        both = log in here and log in there
        mine, theirs = (side[log].head.seq if log in side else 0 for side in (here, there))
        side = Side.HERE if mine < theirs else Side.THERE
        if mine != theirs and (both or concerns(log)) and trails.is_bound(side, log):
            found.append(Behind(of=name_of(log), side=side, events=abs(mine - theirs)))
    return found


def _difference(one: Named, row: Unlike, judged: Judged | None) -> Difference:
    """Return a difference: wrong is the node that does not show what the logs say, where they tell."""
    (table, key), of = one, row.owner
    if judged is None:
        fault, side = _seen(row)
    elif judged.fault is None:
        fault, side = Fault.EXTRA if row.mine is None else _seen(row)[0], Side.THERE
        fault = Fault.ALTERED if fault is Fault.DIFFERENT else fault
    else:
        fault, side = judged.fault, Side.HERE
    is_repaired = judged is not None and judged.repaired
    return Difference(table=table, of=of, row=key, fault=fault, side=side, repaired=is_repaired)


def _seen(row: Unlike) -> tuple[Fault, Side]:
    """Return what can be said of a row when no log tells which node is right."""
    if row.mine is None:
        return Fault.MISSING, Side.HERE
    return (Fault.MISSING, Side.THERE) if row.theirs is None else (Fault.DIFFERENT, Side.EITHER)
