"""SQLite: one writer that commits messages in groups, and readers beside it.

Nothing here ever waits inside a transaction, so a change written as a coroutine runs to its end in one go. Only the
commit, which waits for the disk, leaves the event loop; what arrives meanwhile makes up the next group.
"""

import asyncio
import math
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import text

from adapters.database import tails
from adapters.database.remembered import Remembered
from adapters.database.session import Session, StoreFailed, Work, tell_of
from adapters.database.sqlite_session import SqliteSession, XorOfHeads

T = TypeVar("T")

GROUP_MAX = 64
READERS = 2
CHECKPOINT_EVERY = 0.5  # seconds
CHECKPOINT_WITHIN_COMMIT = 16_384  # pages; a commit does it itself only when the checkpoints beside it fall behind
_FREE_PAGES = (text("PRAGMA freelist_count"), text("PRAGMA page_size"))
_log = structlog.get_logger(__name__)


class _Job:
    """A piece of work that waits for its group to be committed."""

    __slots__ = ("answer", "failure", "future", "tell", "work")

    def __init__(self, work: Work[Any], tell: Callable[[Any], None] | None, future: asyncio.Future[Any]) -> None:
        self.work = work
        self.tell = tell
        self.future = future
        self.answer: Any = None
        self.failure: Exception | None = None

    def settle(self) -> None:
        if self.failure is None:
            tell_of(self.answer, self.tell)
        if self.future.done():
            return
        if self.failure is None:
            self.future.set_result(self.answer)
        else:
            self.future.set_exception(self.failure)


class SqliteDatabase:
    """A node's own database file."""

    def __init__(self, path: Path) -> None:
        """Open the file at ``path``; its tables are the migrations' business."""
        self.when_in_doubt: list[Callable[[], None]] = []  # never of a commit: a file always says whether it took it
        self._path = path
        self._writer = _connect(path)
        self._writer.execute("PRAGMA temp_store = MEMORY")  # else what a savepoint could undo goes to a file of its own
        self._remembered = Remembered()
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._disk = ThreadPoolExecutor(1, "sqlite-commit")
        self._readers = ThreadPoolExecutor(READERS, "sqlite-read")
        self._idle = [_connect(path) for _ in range(READERS)]
        self._written = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start the writer, and who moves what it wrote from the log of the file to its place."""
        self._tasks = [
            asyncio.create_task(self._write_groups(), name="sqlite-writer"),
            asyncio.create_task(self._keep_checkpoints(), name="sqlite-checkpoints"),
        ]

    async def close(self) -> None:
        """Stop the writer and let go of the file."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            job.failure = StoreFailed()
            job.settle()
        self._disk.shutdown()
        self._readers.shutdown()
        for connection in (self._writer, *self._idle):
            connection.close()

    async def write(self, work: Work[T], tell: Callable[[T], None] | None = None, *, alone: bool = True) -> T:
        """Run ``work`` atomically and return its answer once it is on disk, after ``tell`` has been told.

        It is always ``alone``: there is but one writer.

        Raises:
            StoreFailed: the group could not be committed; nothing of it is on record.
        """
        del alone
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait(_Job(work, tell, future))
        return await future

    async def reusable(self) -> int:
        """Return the bytes of the file's free pages: SQLite keeps them, and writes there first."""

        async def within(session: Session) -> int:
            sizes = [await session.row(pragma) for pragma in _FREE_PAGES]
            return math.prod(next(iter(dict(size).values())) for size in sizes if size is not None)

        return await self.read(within)

    async def read(self, work: Work[T]) -> T:
        """Run a read in a thread of its own, on the last committed state."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)
        except sqlite3.OperationalError as failure:
            raise StoreFailed from failure

    def _read(self, work: Work[T]) -> T:
        connection = self._idle.pop()
        try:
            connection.execute("BEGIN")
            try:
                return _finish(work(SqliteSession(connection)))
            finally:
                connection.execute("ROLLBACK")
        finally:
            self._idle.append(connection)

    async def _write_groups(self) -> None:
        while True:
            group = [await self._jobs.get()]
            while len(group) < GROUP_MAX and not self._jobs.empty():
                group.append(self._jobs.get_nowait())
            try:
                await self._write_group(group)
            except Exception:  # noqa: BLE001 - whatever it is, those who asked are told and the next group goes on
                _log.exception("group_failed", messages=len(group))
                self._undo()
                for job in group:
                    job.failure = StoreFailed()
            for job in group:
                job.settle()

    async def _write_group(self, group: Sequence[_Job]) -> None:
        self._writer.execute("BEGIN IMMEDIATE")
        self._remembered.as_of(*self._writer.execute("PRAGMA data_version").fetchone())
        session = SqliteSession(self._writer, self._remembered)
        for job in group:
            self._run(job, session)
        _finish(tails.write(session))
        session.check()
        await asyncio.get_running_loop().run_in_executor(self._disk, self._writer.execute, "COMMIT")
        self._written.set()

    async def _keep_checkpoints(self) -> None:
        """Move what is committed to its place, beside the writer: within a commit it would hold up all who wait."""
        while True:
            await self._written.wait()
            self._written.clear()
            try:
                await asyncio.get_running_loop().run_in_executor(self._readers, self._checkpoint)
            except sqlite3.Error as failure:
                _log.warning("checkpoint_failed", error=str(failure))
            await asyncio.sleep(CHECKPOINT_EVERY)

    def _checkpoint(self) -> None:
        connection = self._idle.pop()
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            self._idle.append(connection)

    def _run(self, job: _Job, session: SqliteSession) -> None:
        async def within(_: Session) -> None:
            job.answer = _finish(job.work(session))

        mark = session.tails.mark()
        job.failure = _finish(session.attempt(within))
        if job.failure is not None:
            session.tails.back(mark)

    def _undo(self) -> None:
        self._remembered.forget()
        with suppress(sqlite3.Error):
            self._writer.execute("ROLLBACK")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
        detect_types=sqlite3.PARSE_DECLTYPES,
        timeout=30,
    )
    connection.row_factory = sqlite3.Row
    connection.create_aggregate("xor_of_heads", 1, XorOfHeads)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_WITHIN_COMMIT}")
    return connection


def _finish(work: Awaitable[T]) -> T:
    """Run a coroutine that never waits.

    Raises:
        RuntimeError: it did wait, which a change must not.
    """
    assert isinstance(work, Coroutine)  # noqa: S101 - work is always written with async def
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    work.close()
    raise RuntimeError("a change on SQLite must not wait for anything but its session")
