"""Damage to what a node holds, past all that keeps it, in the same words for every adapter."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import msgspec
from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, delete, select, update

from adapters.database.session import Database, Row, Session
from adapters.database.shares import SHARED
from adapters.database.tables import METADATA
from adapters.database.tables.logs import event
from adapters.database.tables.logs import log as log_table
from adapters.memory.tables import LogRow, Table, Tables, log_key
from bus.replication.log import LogId
from bus.replication.record import Record

MADE_UP = Record(b"\x01" * 16, 1, b"\x02" * 16, b"made up")


class Spoiler(Protocol):
    """Damages."""

    async def drop_event(self, log: LogId, seq: int) -> None:
        """Remove an event."""
        ...

    async def add_event(self, log: LogId, seq: int) -> None:
        """Add an event that never happened."""
        ...

    async def alter_event(
        self, log: LogId, seq: int, *, body: bytes | None = None, hashed: bytes | None = None
    ) -> None:
        """Alter the body of an event, or its hash."""
        ...

    async def set_head(self, log: LogId, *, seq: int | None = None, hashed: bytes | None = None) -> None:
        """Alter the head of a log."""
        ...

    async def drop_alarm(self, alarm_id: str) -> None:
        """Remove an alarm."""
        ...

    async def alter_alarm(self, alarm_id: str, text: str) -> None:
        """Alter the text of an alarm."""
        ...

    async def copy_alarm(self, alarm_id: str, new_id: str) -> None:
        """Add an alarm that nobody raised."""
        ...

    async def told(self) -> str:
        """Return all that stands in its tables, as one text."""
        ...


class MemorySpoiler:
    """Damages tables in memory."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def drop_event(self, log: LogId, seq: int) -> None:
        assert self._tables.events.drop(*log_key(log), seq)

    async def add_event(self, log: LogId, seq: int) -> None:
        self._tables.events.put(LogRow(record=MADE_UP, hash=b"\x03" * 32), *log_key(log), seq)

    async def alter_event(
        self, log: LogId, seq: int, *, body: bytes | None = None, hashed: bytes | None = None
    ) -> None:
        row = _found(self._tables.events, *log_key(log), seq)
        record = msgspec.structs.replace(row.record, body=body or row.record.body)
        self._tables.events.put(LogRow(record=record, hash=hashed or row.hash), *log_key(log), seq)

    async def set_head(self, log: LogId, *, seq: int | None = None, hashed: bytes | None = None) -> None:
        held = _found(self._tables.logs, *log_key(log))
        head = msgspec.structs.replace(held.head, seq=seq or held.head.seq, hash=hashed or held.head.hash)
        self._tables.logs.put(replace(held, head=head), *log_key(log))

    async def drop_alarm(self, alarm_id: str) -> None:
        assert self._tables.alarms.drop(alarm_id)

    async def alter_alarm(self, alarm_id: str, text: str) -> None:
        self._tables.alarms.put(replace(_found(self._tables.alarms, alarm_id), text=text), alarm_id)

    async def copy_alarm(self, alarm_id: str, new_id: str) -> None:
        self._tables.alarms.put(replace(_found(self._tables.alarms, alarm_id), id=new_id), new_id)

    async def told(self) -> str:
        tables = (*vars(self._tables).values(), *self._tables.entities.values())
        return "\n".join(repr(list(each.items())) for each in tables if isinstance(each, Table))


class DatabaseSpoiler:
    """Damages a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def drop_event(self, log: LogId, seq: int) -> None:
        key = await self._key(log)
        await self._run(
            delete(event).where(event.c.log_id == bindparam("of"), event.c.seq == bindparam("at")), of=key, at=seq
        )

    async def add_event(self, log: LogId, seq: int) -> None:
        row = (await self._key(log), seq, "01950000-0000-7000-8000-0000000fffff", 1, b"\x02" * 16, b"made up", None)
        await self._database.write(lambda session: session.add(event, [(*row, b"\x03" * 32)]))

    async def alter_event(
        self, log: LogId, seq: int, *, body: bytes | None = None, hashed: bytes | None = None
    ) -> None:
        key = await self._key(log)
        values = {name: value for name, value in (("body", body), ("hash", hashed)) if value is not None}
        change = update(event).where(event.c.log_id == bindparam("of"), event.c.seq == bindparam("at"))
        await self._run(
            change.values({name: bindparam(f"new_{name}") for name in values}), of=key, at=seq, **_new(values)
        )

    async def set_head(self, log: LogId, *, seq: int | None = None, hashed: bytes | None = None) -> None:
        key = await self._key(log)
        values = {name: value for name, value in (("seq", seq), ("hash", hashed)) if value is not None}
        change = update(log_table).where(log_table.c.id == bindparam("of"))
        await self._run(change.values({name: bindparam(f"new_{name}") for name in values}), of=key, **_new(values))

    async def drop_alarm(self, alarm_id: str) -> None:
        table = SHARED["alarm"].table
        await self._run(delete(table).where(table.c.id == bindparam("key")), key=alarm_id)

    async def alter_alarm(self, alarm_id: str, text: str) -> None:
        table = SHARED["alarm"].table
        await self._run(
            update(table).where(table.c.id == bindparam("key")).values(text=bindparam("new")), key=alarm_id, new=text
        )

    async def told(self) -> str:
        rows = [await self._database.read(partial(_all, table=table)) for table in METADATA.sorted_tables]
        return "\n".join(repr([dict(row) for row in each]) for each in rows)

    async def copy_alarm(self, alarm_id: str, new_id: str) -> None:
        table = SHARED["alarm"].table

        async def within(session: Session) -> None:
            row = await session.row(select(table).where(table.c.id == bindparam("key")), key=alarm_id)
            assert row is not None
            await session.add(table, [(new_id, *(row[column.name] for column in list(table.columns)[1:]))])

        await self._database.write(within)

    async def _key(self, log: LogId) -> int:
        rows = await self._database.read(lambda session: session.rows(select(log_table)))
        (key,) = (
            row["id"]
            for row in rows
            if (row["origin"], row["epoch"], row["channel"]) == (log.origin, log.epoch, log.channel)
        )
        return int(key)

    async def _run(self, statement: Any, **values: Any) -> None:
        assert await self._database.write(lambda session: session.run(statement, **values)) == 1


def _new(values: dict[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def _found(table: Table[Any], *key: object) -> Any:
    row = table.get(*key)
    assert row is not None
    return row


async def _all(session: Session, table: SqlTable) -> Sequence[Row]:
    return await session.rows(select(table))
