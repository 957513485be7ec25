"""Rows beside what the logs say of them: the logs are shown anew, and where they differ the logs are right."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import Delete, Select, bindparam, delete, select

from adapters.database import tombstones
from adapters.database.digests import to_digest
from adapters.database.heads import head, in_order, lock
from adapters.database.quarantined import NOT_SHOWN
from adapters.database.records import to_kept
from adapters.database.replay import Replay
from adapters.database.session import Database, Row, Session
from adapters.database.shares import SHARED
from adapters.database.tables.logs import event, log
from bus.catalogue import AUDIT, UP, owner_of
from bus.recorded import id_text
from bus.replication.digests import Kept
from bus.replication.log import LogId, Position
from bus.verification.differences import Fault
from bus.verification.ports import Judged, Lost, lost_events

_PAGE: Final = 500
_BREATH_AFTER: Final = 50
_UNCHANGING: Final = frozenset({"audit_record"})
"""Tables whose rows are never altered nor removed, whoever asks: triggers hold that."""
_SUMS: Final = frozenset({"quarantine_tally"})
"""Tables whose rows count what a whole log says: what is left of one does not tell what they should be."""
_LOGS = select(log)
_EVENTS = (
    select(event)
    .where(event.c.log_id == bindparam("log_id"), event.c.seq > bindparam("after"), ~NOT_SHOWN)
    .order_by(event.c.seq)
    .limit(_PAGE)
)
Named = tuple[str, str]
"""A table, and the key of a row."""


class Retelling:
    """The logs of some owners, told anew."""

    def __init__(self, owners: Collection[str]) -> None:
        """Tell the logs of these nodes, and of the modules of these feeds, which depend on each other."""
        self._owners = frozenset(owners)
        self._modules = {owner.partition(".")[0] for owner in owners if "." in owner}
        self._replay = Replay()
        self._told: dict[LogId, int] = {}
        self._is_whole = True
        self._erased: frozenset[str] = frozenset()

    def close(self) -> None:
        """Forget everything."""
        self._replay.close()

    async def approach(self, database: Database, lost: Lost) -> None:
        """Tell all but what comes meanwhile, beside whoever writes; ``lost`` is asked for what is no longer held.

        Raises:
            LookupError: that cannot be had: what the logs say is not known.
        """
        self._erased = await database.read(tombstones.known)
        for row in await database.read(lambda session: session.rows(_LOGS)):
            told = LogId(row["origin"], row["epoch"], row["channel"])
            if self._concerns(told):
                self._told[told] = 0
                await self._recall(told, Position(row["floor_seq"], row["floor_hash"]), lost)
        for told in in_order(self._told):
            while page := await database.read(partial(self._page, told=told)):
                for number, row in enumerate(page):
                    await self._tell(told, to_kept(row))
                    if number % _BREATH_AFTER == 0:
                        await asyncio.sleep(0)

    async def judge(self, session: Session, rows: Collection[Named], *, repair: bool) -> Mapping[Named, Judged]:
        """Tell the rest, and what is wrong with rows; put them right where that is wanted.

        Nothing is told of any when something was erased meanwhile that was told before.
        """
        for told in in_order(self._told):
            if repair:
                await lock(session, told, via=None)
            while page := await self._page(session, told):
                for row in page:
                    await self._tell(told, to_kept(row))
        if await tombstones.known(session) != self._erased:
            return {}
        faults = {named: await self._fault(session, *named) for named in rows}
        judged = {
            named: Judged(fault, repaired=repair and _can_repair(named[0], fault))
            for named, fault in faults.items()
            if self._is_whole or not (fault is Fault.EXTRA or named[0] in _SUMS)
        }
        repaired = [named for named, one in judged.items() if one.repaired]
        for table, key in repaired:
            if judged[table, key].fault is not Fault.MISSING:
                await session.run(_forget(table), key=key)
        for table, key in repaired:
            found = self._replay.find(table, key)
            if found is not None:
                await session.add(SHARED[table].table, [found[1]])
        return judged

    async def _recall(self, told: LogId, floor: Position, lost: Lost) -> None:
        """Tell what is no longer held; of an audit trail, each record of which is one event, others tell without it."""
        try:
            async for kept in lost_events(floor, told, lost):
                await self._tell(told, self._without_erased(kept))
        except LookupError:
            if told.channel != AUDIT or self._told[told]:
                raise
            self._is_whole = False

    def _concerns(self, told: LogId) -> bool:
        if told.channel in UP:
            return owner_of(told) in self._owners
        return told.channel.partition(".")[0] in self._modules

    async def _page(self, session: Session, told: LogId) -> Sequence[Row]:
        row = await head(session, told)
        assert row is not None  # noqa: S101 - it was held, and no log goes away
        return await session.rows(_EVENTS, log_id=row["id"], after=self._told[told])

    def _without_erased(self, kept: Kept) -> Kept:
        """Return an event that another node held, without a body that was erased here."""
        assert kept.record is not None  # noqa: S101 - what is fetched is a record
        (record,) = tombstones.erased([kept.record], self._erased)
        return kept._replace(record=record)

    async def _tell(self, told: LogId, kept: Kept) -> None:
        self._told[told] = kept.seq
        record = kept.record
        if record is None or (record.body is None and id_text(record.id) not in self._erased):
            self._is_whole = False
        if record is not None:
            await self._replay.show(told, kept.seq, kept.hash, record)

    async def _fault(self, session: Session, table: str, key: str) -> Fault | None:
        here, told = await session.row(_one(table), key=key), self._replay.find(table, key)
        if told is None:
            return None if here is None else Fault.EXTRA
        if here is None:
            return Fault.MISSING
        return None if to_digest(here) == to_digest(told[0]) else Fault.ALTERED


def _can_repair(table: str, fault: Fault | None) -> bool:
    return fault is Fault.MISSING or (fault is not None and table not in _UNCHANGING)


@cache
def _one(table: str) -> Select[Any]:
    return SHARED[table].rows.where(SHARED[table].key == bindparam("key"))


@cache
def _forget(table: str) -> Delete:
    return delete(SHARED[table].table).where(SHARED[table].key == bindparam("key"))
