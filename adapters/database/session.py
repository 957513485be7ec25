"""What stores and views need of a connection, whatever the dialect."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import ClauseElement, Table

from bus.replication.log import LogId, Position
from domain.shared.errors import Unavailable

T = TypeVar("T")
Row = Mapping[str, Any]
_log = structlog.get_logger(__name__)


class StoreFailed(Unavailable):
    """The node's database does not answer now; nothing of the change is on record."""

    code = "STORE_FAILED"


class OutcomeUnknown(Unavailable):
    """The node's database did not answer when it was to keep the change; whether it is on record is not known."""

    code = "OUTCOME_UNKNOWN"


Mark = tuple[dict[LogId, tuple[int, Position]], list[tuple[Any, ...]], int | None]


@dataclass(slots=True)
class Tails:
    """What a transaction appends to the node's own logs.

    Attributes:
        heads: the key of each log's row, and how far the log is.
        rows: of the table ``event``, not written yet.
        epoch: under which the node records; None while nobody has asked.
    """

    heads: dict[LogId, tuple[int, Position]] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    epoch: int | None = None

    def mark(self) -> Mark:
        """Return how all logs stand, for `back`."""
        return dict(self.heads), list(self.rows), self.epoch

    def back(self, mark: Mark) -> None:
        """Forget what was appended since ``mark``: the database has undone the rest of it."""
        self.heads, self.rows, self.epoch = mark


class Session(Protocol):
    """A connection within a transaction.

    Attributes:
        finds_parts: whether an index finds the texts that contain a part.
        tails: what the transaction appends to the node's own logs; written at its end.
    """

    finds_parts: bool
    tails: Tails

    async def rows(self, statement: ClauseElement, **values: Any) -> Sequence[Row]:
        """Return all rows of a query."""
        ...

    def pages(self, statement: ClauseElement, size: int, **values: Any) -> AsyncIterator[Sequence[Row]]:
        """Yield the rows of a query, ``size`` at a time, without holding more of them."""
        ...

    async def row(self, statement: ClauseElement, **values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        ...

    async def remembered(self, table: Table, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what ``ask`` reads from ``table`` alone; by who sees all that is written it is asked once until then.

        Args:
            table: seldom written.
            key: what is asked of this table.
            ask: nobody may change what it answers.
        """
        ...

    async def run(self, statement: ClauseElement, **values: Any) -> int:
        """Run a statement and return how many rows it touched."""
        ...

    async def plan_by_values(self) -> None:
        """Have each statement of this transaction planned for the values that it is asked with.

        Else it is planned once for any values: quicker where they make no difference.
        """
        ...

    async def attempt(self, work: "Work[None]") -> Exception | None:
        """Run ``work`` so that its failure undoes only itself; return the failure, or None."""
        ...

    async def add(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, each in the order of the table's columns; many at once by the fastest way there is."""
        ...


Work = Callable[[Session], Awaitable[T]]


class Database(Protocol):
    """A node's database.

    Attributes:
        when_in_doubt: called when a change may be on record and its ``tell`` will never be, and when rows have come or
            gone of which no event tells; must not block or raise.
    """

    when_in_doubt: list[Callable[[], None]]

    async def write(self, work: Work[T], tell: Callable[[T], None] | None = None, *, alone: bool = False) -> T:
        """Run ``work`` atomically and return its answer once it is durable.

        No two that are to be ``alone`` run at a time, in whatever process: what one reads that another might change
        stays true until its end.

        ``tell`` is called with the answer as soon as it is, in the order of the commits; it must not block. What it
        raises is logged.

        Raises:
            StoreFailed: it could not be made durable; nothing of it is on record.
            OutcomeUnknown: it cannot be told whether it is durable.
        """
        ...

    async def reusable(self) -> int:
        """Return how many bytes of the database's files hold nothing and are used before the files grow.

        Raises:
            StoreFailed: the database does not answer.
        """
        ...

    async def read(self, work: Work[T]) -> T:
        """Run a read on one consistent, committed state.

        Raises:
            StoreFailed: the database does not answer.
        """
        ...


def tell_of_rows(database: Database) -> None:
    """Tell that rows have come or gone, of which no event tells: whoever remembers what stood there asks anew."""
    for call in database.when_in_doubt:
        call()


def tell_of(answer: T, tell: Callable[[T], None] | None) -> None:
    """Tell of what is on record; it stays there and is answered, whatever becomes of the telling."""
    if tell is None:
        return
    try:
        tell(answer)
    except Exception:  # noqa: BLE001 - logged
        _log.exception("listener_failed")
