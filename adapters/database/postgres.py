"""PostgreSQL through asyncpg: a transaction for each message."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, TypeVar

import asyncpg
import structlog
from sqlalchemy import ClauseElement, Table

from adapters.database import tails
from adapters.database.session import OutcomeUnknown, Row, StoreFailed, Tails, Work, tell_of
from adapters.database.statements import POSTGRESQL, compiled, insertion
from adapters.database.unreachable import DatabaseUnreachable

T = TypeVar("T")

POOL_MAX = 10
COPY_FROM_ROWS = 20
CHANGE_LOCK = 0x0CA1F5C
CONNECT_SECONDS = 10
COMMAND_SECONDS = 60
_FAULTS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
# Classes of SQLSTATE: connection, rollback for concurrency, resources, operator's intervention, system.
_PASSING = ("08", "40", "53", "57", "58")
_log = structlog.get_logger(__name__)


class PostgresSession:
    """A connection within a transaction.

    What fails is the end of the transaction, or of the attempt, whoever catches it: the server would undo it at the
    commit and say nothing.
    """

    finds_parts = True

    def __init__(self, connection: Any) -> None:
        """Use ``connection``."""
        self._connection = connection
        self._failure: Exception | None = None
        self.tails = Tails()

    def check(self) -> None:
        """Make sure that nothing has failed.

        Raises:
            Exception: what has.
        """
        if self._failure is not None:
            raise self._failure

    async def rows(self, statement: ClauseElement, **values: Any) -> Sequence[Row]:
        """Return all rows of a query."""
        form = compiled(statement, POSTGRESQL)
        return await self._done(self._connection.fetch(form.text, *form.values(values)))

    async def pages(self, statement: ClauseElement, size: int, **values: Any) -> AsyncIterator[Sequence[Row]]:
        """Yield the rows of a query, ``size`` at a time."""
        form = compiled(statement, POSTGRESQL)
        cursor = await self._done(self._connection.cursor(form.text, *form.values(values)))
        while page := await self._done(cursor.fetch(size)):
            yield page

    async def row(self, statement: ClauseElement, **values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        form = compiled(statement, POSTGRESQL)
        return await self._done(self._connection.fetchrow(form.text, *form.values(values)))

    async def remembered(self, table: Table, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what ``ask`` reads, each time: others write, too."""
        del table, key
        return await ask()

    async def run(self, statement: ClauseElement, **values: Any) -> int:
        """Run a statement and return how many rows it touched."""
        form = compiled(statement, POSTGRESQL)
        status: str = await self._done(self._connection.execute(form.text, *form.values(values)))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def plan_by_values(self) -> None:
        """Have each statement of this transaction planned for the values that it is asked with."""
        await self._done(self._connection.execute("SET LOCAL plan_cache_mode = force_custom_plan"))

    async def attempt(self, work: Work[None]) -> Exception | None:
        """Run ``work`` so that its failure undoes only itself; return the failure, or None."""
        try:
            async with self._connection.transaction():
                await work(self)
                self.check()
        except Exception as failure:
            if _passes(failure):
                raise
            self._failure = None
            return failure
        return None

    async def add(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, each in the order of the table's columns; by COPY from ``COPY_FROM_ROWS`` on."""
        if len(rows) < COPY_FROM_ROWS:
            await self._done(self._connection.executemany(insertion(table, POSTGRESQL), rows))
        else:
            columns = [column.name for column in table.columns]
            await self._done(self._connection.copy_records_to_table(table.name, records=rows, columns=columns))

    async def _done(self, asked: Awaitable[T]) -> T:
        try:
            return await asked
        except _FAULTS as failure:
            self._failure = self._failure or failure
            raise self._failure from None


class PostgresDatabase:
    """A database of a region or of the centre."""

    def __init__(self, url: str) -> None:
        """Use the database at ``url``; its tables are the migrations' business."""
        self.when_in_doubt: list[Callable[[], None]] = []
        self._url = url
        self._pool: Any = None
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Open the pool of connections."""
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=2,
            max_size=POOL_MAX,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings={"application_name": "caifs", "timezone": "UTC"},
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()

    async def write(self, work: Work[T], tell: Callable[[T], None] | None = None, *, alone: bool = False) -> T:
        """Run ``work`` in one transaction and return its answer once it is committed, after ``tell`` has been told.

        Who is to be ``alone`` waits for that without a connection, so that there are some for all others; other
        processes are waited for with one. Within the process the turn lasts until those who listen were told: the
        server lets the next one in earlier.

        Raises:
            StoreFailed: the database cannot be reached or went away; nothing of the change is on record.
            OutcomeUnknown: it went away when it was asked to commit.
        """
        turn: AbstractAsyncContextManager[None] = self._turn if alone else nullcontext()
        try:
            async with turn, self._connection() as connection:
                async with self._committing(connection, is_told=tell is not None):
                    if alone:
                        await connection.execute("SELECT pg_advisory_xact_lock($1)", CHANGE_LOCK)
                    session = PostgresSession(connection)
                    answer = await work(session)
                    await tails.write(session)
                    session.check()
                tell_of(answer, tell)
                return answer
        except _FAULTS as failure:
            if _passes(failure):
                raise StoreFailed from failure
            raise

    async def reusable(self) -> int:
        """Return 0: what its files hold is the server's to know."""
        return 0

    async def read(self, work: Work[T]) -> T:
        """Run a read on one consistent state.

        Raises:
            StoreFailed: the database cannot be reached or went away.
        """
        try:
            async with (
                self._connection() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await work(PostgresSession(connection))
        except _FAULTS as failure:
            if _passes(failure):
                raise StoreFailed from failure
            raise

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """Lend a connection; one that fails when it is given back is replaced, and what it has done is done."""
        connection = await self._pool.acquire()
        try:
            yield connection
        finally:
            try:
                await self._pool.release(connection)
            except _FAULTS as failure:
                _log.warning("connection_lost", error=repr(failure))

    @asynccontextmanager
    async def _committing(self, connection: Any, *, is_told: bool) -> AsyncIterator[None]:
        """Commit what is done within, or undo it; say so when neither is certain."""
        asked = False
        try:
            async with connection.transaction():
                yield
                asked = True
        except BaseException as failure:
            if not asked or not _leaves_doubt(failure):
                raise
            _log.warning("commit_in_doubt", error=repr(failure))
            if is_told:
                for call in self.when_in_doubt:
                    call()
            if isinstance(failure, Exception):
                raise OutcomeUnknown from failure
            raise


async def reach(url: str) -> None:
    """Make sure that the PostgreSQL at ``url`` lets this node in.

    Raises:
        DatabaseUnreachable: it does not.
    """
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except (*_FAULTS, TimeoutError) as failure:
        raise DatabaseUnreachable(url, failure) from failure
    await connection.close()


def _leaves_doubt(failure: BaseException) -> bool:
    """Tell whether a transaction whose commit ended so may be on record: nobody answered, or nobody waited."""
    return not isinstance(failure, Exception) or _passes(failure)


def _passes(failure: Exception) -> bool:
    """Tell whether a fault is the server's for now, and not of what was asked."""
    if isinstance(failure, asyncpg.PostgresError):
        return (failure.sqlstate or "").startswith(_PASSING)
    return isinstance(failure, OSError | asyncpg.InterfaceError)
