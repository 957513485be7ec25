"""A node's own database looked at in full, and put right: events from another node, tables from the logs."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from adapters.database import tombstones
from adapters.database.digests import DatabaseDigests
from adapters.database.heads import hash_at, head, lock, set_head
from adapters.database.records import to_kept
from adapters.database.retelling import Retelling
from adapters.database.session import Database, Row, Session, tell_of_rows
from adapters.database.tables.logs import event, verification
from bus.recorded import id_text
from bus.replication.chain import chain
from bus.replication.digests import Kept, fitted
from bus.replication.log import LogId, Position
from bus.replication.record import Record
from bus.verification.differences import Verification
from bus.verification.ports import Judged, Lost

_PAGE: Final = 500
_EVENTS = (
    select(event)
    .where(event.c.log_id == bindparam("log_id"), event.c.seq >= bindparam("first"))
    .order_by(event.c.seq)
    .limit(bindparam("limit"))
)
_WITH_HASH = (
    select(event.c.seq)
    .where(event.c.log_id == bindparam("log_id"), event.c.hash == bindparam("wanted"))
    .order_by(event.c.seq.desc())
)
_FORGET = delete(event).where(
    event.c.log_id == bindparam("log_id"), event.c.seq >= bindparam("first"), event.c.seq <= bindparam("last")
)
_FORGET_BEHIND = delete(event).where(event.c.log_id == bindparam("log_id"), event.c.seq > bindparam("last"))
_FOUND = select(verification.c.found).where(verification.c.parent == bindparam("of"))
_FORGET_FOUND = delete(verification).where(verification.c.parent == bindparam("of"))
_KEEP_FOUND = insert(verification).values(parent=bindparam("parent"), found=bindparam("found"))


class DatabaseCustody(DatabaseDigests):
    """A node's own database."""

    def __init__(self, database: Database) -> None:
        """Look at ``database``."""
        super().__init__(database)
        self._database = database

    async def kept(self, log: LogId, first: int, limit: int) -> tuple[Position, Sequence[Kept]]:
        """Return the head of a log and its events from ``first`` on, in one state."""

        async def within(session: Session) -> tuple[Position, Sequence[Kept]]:
            row = await _known(session, log)
            events = await session.rows(_EVENTS, log_id=row["id"], first=first, limit=limit)
            return Position(row["seq"], row["hash"]), [to_kept(one) for one in events]

        return await self._database.read(within)

    async def mend(self, log: LogId, first: int, records: Sequence[Record]) -> bool:
        """Put records in the place of the events ``first`` and following, if exactly these stood there."""

        async def within(session: Session) -> bool:
            await tombstones.beside(session)  # ahead of the log, as all who take events in
            row = await lock(session, log, via=None)
            last = first + len(records) - 1
            before = await hash_at(session, row, first - 1)
            there = [to_kept(one) for one in await session.rows(_EVENTS, log_id=row["id"], first=last, limit=2)]
            following = next((one for one in there if one.seq == last + 1), None)
            if before is None or (following is None and row["seq"] != last):
                return False
            ends = {row["hash"], *(one.hash for one in there if one.seq == last)}
            hashes = fitted(before, records, following, ends)
            if not hashes:
                return False
            kept = await tombstones.without_erased(session, records)
            await session.run(_FORGET, log_id=row["id"], first=first, last=last)
            await session.add(
                event, [_row(row["id"], *one) for one in zip(range(first, last + 1), kept, hashes, strict=True)]
            )
            if following is None:
                await set_head(session, row["id"], Position(last, hashes[-1]))
            return True

        return await self._database.write(within)

    async def mend_head(self, log: LogId) -> bool:
        """Put the head of a log where its events end, if it names the hash of one of them."""

        async def within(session: Session) -> bool:
            row = await lock(session, log, via=None)
            named = await session.row(_WITH_HASH, log_id=row["id"], wanted=row["hash"])
            if named is None:
                return False
            end = Position(named["seq"], row["hash"])
            behind = await session.rows(_EVENTS, log_id=row["id"], first=end.seq + 1, limit=_PAGE)
            for one in map(to_kept, behind):
                if one.seq != end.seq + 1 or one.record is None or chain(end.hash, (one.record,))[0] != one.hash:
                    break
                end = Position(one.seq, one.hash)
            await session.run(_FORGET_BEHIND, log_id=row["id"], last=end.seq)
            await set_head(session, row["id"], end)
            return True

        return await self._database.write(within)

    async def judge(
        self, owners: Collection[str], rows: Collection[tuple[str, str]], lost: Lost, *, repair: bool
    ) -> Mapping[tuple[str, str], Judged]:
        """Show the logs of ``owners`` anew beside the tables, and tell of rows what is wrong with them."""
        with closing(Retelling(owners)) as retelling:
            try:
                await retelling.approach(self._database, lost)
            except LookupError:
                return {}
            if repair:
                return await self._database.write(
                    lambda session: retelling.judge(session, rows, repair=True), self._tell_repaired
                )
            return await self._database.read(lambda session: retelling.judge(session, rows, repair=False))

    def _tell_repaired(self, judged: Mapping[tuple[str, str], Judged]) -> None:
        if any(one.repaired for one in judged.values()):
            tell_of_rows(self._database)

    async def keep(self, found: Verification) -> None:
        """Keep what came of a comparison, in place of the last one with the same node."""
        told = msgspec.json.encode(found).decode()

        async def within(session: Session) -> None:
            await session.run(_FORGET_FOUND, of=found.there)
            await session.run(_KEEP_FOUND, parent=found.there, found=told)

        await self._database.write(within)

    async def last(self, there: str) -> Verification | None:
        """Return what was kept last of comparisons with the node ``there``, or None."""
        rows = await self._database.read(lambda session: session.rows(_FOUND, of=there))
        return msgspec.json.decode(rows[0]["found"], type=Verification) if rows else None


async def _known(session: Session, log: LogId) -> Row:
    row = await head(session, log)
    if row is None:
        raise LookupError(f"{log} is not held")
    return row


def _row(log_id: int, seq: int, record: Record, hashed: bytes) -> tuple[object, ...]:
    return (log_id, seq, id_text(record.id), record.hlc, record.salt, record.body, record.commitment, hashed)
