"""A connection to SQLite within a transaction, and the values that it knows beyond SQLite's own."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, Table

from adapters.database.remembered import Remembered
from adapters.database.session import Row, StoreFailed, Tails, Work
from adapters.database.statements import SQLITE, compiled, insertion
from bus.replication.digests import head_of

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


def _to_microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _from_microseconds(raw: bytes) -> datetime:
    return _EPOCH + timedelta(microseconds=int(raw))


sqlite3.register_adapter(datetime, _to_microseconds)
sqlite3.register_converter("TIMESTAMPTZ", _from_microseconds)
sqlite3.register_converter("BOOLEAN", lambda raw: raw == b"1")


class XorOfHeads:
    """The XOR of the first eight bytes of hashes, as PostgreSQL's `bit_xor` gives it: a signed number."""

    def __init__(self) -> None:
        """Begin with none."""
        self._xor = 0

    def step(self, hashed: object) -> None:
        """Take one more; what is no hash counts as itself in brief, for it is no other node's."""
        self._xor ^= head_of(hashed if isinstance(hashed, bytes) else repr(hashed).encode())

    def finalize(self) -> int:
        """Return the XOR."""
        return self._xor


class SqliteSession:
    """A connection whose calls never wait.

    A fault of the file is the end of the transaction, whoever catches it: SQLite may have undone all of it by itself,
    and what came after would be committed alone.
    """

    finds_parts = False

    def __init__(self, connection: sqlite3.Connection, remembered: Remembered | None = None) -> None:
        """Use ``connection``; ``remembered`` is what the one writer of the file knows, None for all others."""
        self._connection = connection
        self._is_lost = False
        self._attempts_unmarked = 0
        self._remembered = remembered
        self.tails = Tails()

    def check(self) -> None:
        """Make sure that the transaction is still there.

        Raises:
            StoreFailed: it is not.
        """
        if self._is_lost or not self._connection.in_transaction:
            raise StoreFailed

    async def rows(self, statement: ClauseElement, **values: Any) -> Sequence[Row]:
        """Return all rows of a query."""
        return self._ask(sqlite3.Cursor.fetchall, statement, values)

    async def pages(self, statement: ClauseElement, size: int, **values: Any) -> AsyncIterator[Sequence[Row]]:
        """Yield the rows of a query, ``size`` at a time."""
        form = compiled(statement, SQLITE)
        cursor = self._act(lambda connection: connection.execute(form.text, form.values(values)))
        while page := self._act(lambda _: cursor.fetchmany(size)):
            yield page

    async def row(self, statement: ClauseElement, **values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        return self._ask(sqlite3.Cursor.fetchone, statement, values)  # type: ignore[no-any-return] # sqlite3 says Any

    async def remembered(self, table: Table, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what ``ask`` reads from ``table`` alone; the writer asks once until the table is written."""
        return await ask() if self._remembered is None else await self._remembered.answer(table, key, ask)

    async def run(self, statement: ClauseElement, **values: Any) -> int:
        """Run a statement and return how many rows it touched."""
        written = getattr(statement, "table", None)
        self._begin_to_write(written if isinstance(written, Table) else None)
        return self._ask(_touched, statement, values)

    async def plan_by_values(self) -> None:
        """Do nothing: SQLite plans a statement once, and those asked here have but one good plan."""

    async def attempt(self, work: Work[None]) -> Exception | None:
        """Run ``work`` so that its failure undoes only itself; return the failure, or None.

        Where it began is marked as soon as it writes: most attempts only find that there is nothing to do.
        """
        self.check()
        self._attempts_unmarked += 1
        returned = None
        try:
            await work(self)
        except Exception as failure:
            if passes(failure):
                raise
            returned = failure
        self._end_attempt(is_undone=returned is not None)
        return returned

    async def add(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, each in the order of the table's columns."""
        self._begin_to_write(table)
        self._act(lambda connection: connection.executemany(insertion(table, SQLITE), rows))

    def _begin_to_write(self, table: Table | None) -> None:
        """Mark where the attempts began that write now for the first time, and forget what the table said."""
        while self._attempts_unmarked:
            self._act(_mark_attempt)
            self._attempts_unmarked -= 1
        if self._remembered is not None:
            self._remembered.forget(table)

    def _end_attempt(self, *, is_undone: bool) -> None:
        self.check()
        if self._attempts_unmarked:
            self._attempts_unmarked -= 1
            return
        if is_undone:
            self._connection.execute("ROLLBACK TO attempt")
            if self._remembered is not None:
                self._remembered.forget()
        self._connection.execute("RELEASE attempt")

    def _ask(self, outcome: Callable[[sqlite3.Cursor], T], statement: ClauseElement, values: Mapping[str, Any]) -> T:
        form = compiled(statement, SQLITE)
        return self._act(lambda connection: outcome(connection.execute(form.text, form.values(values))))

    def _act(self, act: Callable[[sqlite3.Connection], T]) -> T:
        self.check()
        try:
            return act(self._connection)
        except sqlite3.Error as failure:
            self._is_lost = passes(failure)
            raise


def passes(failure: Exception) -> bool:
    """Tell whether a fault is the file's for now (no room, no access), and not of what was asked."""
    code = getattr(failure, "sqlite_errorcode", None)
    return isinstance(failure, StoreFailed) or (code is not None and code & 0xFF in _PASSING)


def _mark_attempt(connection: sqlite3.Connection) -> None:
    connection.execute("SAVEPOINT attempt")


def _touched(cursor: sqlite3.Cursor) -> int:
    return cursor.rowcount
