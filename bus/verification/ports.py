"""What a verification asks of a node: of this one's database, of its parent over the link, of any node over GraphQL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple, Protocol

import msgspec
from msgspec import Meta

from bus.replication.chain import chain
from bus.replication.digests import Digest, Heads, Kept, Span
from bus.replication.log import START, LogId, Position
from bus.replication.record import Record
from bus.verification.differences import Fault, Verification

PAGE_MAX: Final = 1_000
SPANS_MAX: Final = 100
KEY_MAX: Final = 200
OWNERS_MAX: Final = 10_000
STRETCHES_MAX: Final = 10
STRETCH_MAX: Final = 2 * PAGE_MAX
"""Rows of a stretch that are looked at for its digest; one of more differs from any that was cut for it."""

Key = Annotated[str, Meta(max_length=KEY_MAX)]
Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.-]{1,80}\Z")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTables:
    """Names of the tables that nodes hold alike: those whose rows belong to nodes, and those of feeds."""

    up: Sequence[str]
    down: Sequence[str]


class Cannot(Exception):  # noqa: N818 - a state of the other node, or of the line
    """The other node does not answer this: it is away, of an older version, or we may not ask."""


class Extent(msgspec.Struct, frozen=True, array_like=True):
    """How much of a log a node holds: the events behind ``floor`` up to ``head``."""

    log: LogId
    head: Position
    floor: Position = START


class Share(msgspec.Struct, frozen=True, array_like=True):
    """The rows of a table that belong to these nodes or feeds."""

    table: Name
    owners: Annotated[list[Name], Meta(max_length=OWNERS_MAX)]


class Stretch(msgspec.Struct, frozen=True, array_like=True):
    """Rows whose keys are greater than ``after``, and ``until`` at most; an empty text leaves that end open."""

    after: Key = ""
    until: Key = ""


class RowDigest(msgspec.Struct, frozen=True, array_like=True):
    """A row in brief: its key, to whom it belongs, and the head of the hash of its content."""

    key: Key
    owner: str
    head: Heads


class Holdings(Protocol):
    """What a node holds, in digests. Any method may raise `Cannot`."""

    async def extents(self) -> Sequence[Extent]:
        """Return all logs that there are to compare, by origin, epoch and channel."""
        ...

    async def log_digests(self, log: LogId, spans: Sequence[Span]) -> Sequence[Digest]:
        """Return the digest of each span of a log, of `SPANS_MAX` spans at most."""
        ...

    async def table_digests(self, share: Share, stretches: Sequence[Stretch]) -> Sequence[Digest]:
        """Return the digest of each stretch of a share, or of its first `STRETCH_MAX` rows."""
        ...

    async def rows(self, share: Share, stretch: Stretch, limit: int) -> Sequence[RowDigest]:
        """Return the first rows of a stretch, by key: ``limit`` at most, and never more than `PAGE_MAX`."""
        ...


class Source(Holdings, Protocol):
    """Another node that may also be asked for events."""

    async def records(self, log: LogId, first: int, limit: int) -> Sequence[Record]:
        """Return events from ``first`` on, at least one and ``limit`` at most; none when they cannot be had.

        Raises:
            Cannot: the other node does not answer.
        """
        ...


Lost = Callable[[LogId, int, int], Awaitable[Sequence[Record]]]
"""Returns events that are no longer held here, as `Source.records` does."""


async def lost_events(floor: Position, log: LogId, lost: Lost) -> AsyncIterator[Kept]:
    """Yield all events under the floor of a log, in order.

    Raises:
        LookupError: they cannot be had, or do not chain up to the floor.
    """
    end = START
    while end.seq < floor.seq:
        try:
            records = await lost(log, end.seq + 1, floor.seq - end.seq)
        except Cannot as silence:
            raise LookupError(str(silence)) from silence
        if not records:
            raise LookupError(f"{log} lacks {end.seq + 1}")
        for seq, (record, hashed) in enumerate(zip(records, chain(end.hash, records), strict=True), end.seq + 1):
            end = Position(seq, hashed)
            yield Kept(seq, record, hashed)
    if end != floor:
        raise LookupError(f"{log} has another history under its floor")


class Judged(NamedTuple):
    """What this node's own logs say of one of its rows: what is wrong with it, and whether it was put right."""

    fault: Fault | None
    repaired: bool = False


class Custody(Holdings, Protocol):
    """This node's own database, which can be looked at in full, and be put right."""

    async def kept(self, log: LogId, first: int, limit: int) -> tuple[Position, Sequence[Kept]]:
        """Return the head of a log and its events from ``first`` on, ``limit`` at most, in one state."""
        ...

    async def mend(self, log: LogId, first: int, records: Sequence[Record]) -> bool:
        """Put records in the place of the events ``first`` and following, if exactly these stood there: see `fitted`.

        The events on both sides stay as they are. Tells whether the records stand there now.
        """
        ...

    async def mend_head(self, log: LogId) -> bool:
        """Put the head of a log where its events end, if it names the hash of one of them.

        Events behind a head that is right belong to no log, and are removed. Tells whether the head is right now.
        """
        ...

    async def judge(
        self, owners: Collection[str], rows: Collection[tuple[str, str]], lost: Lost, *, repair: bool
    ) -> Mapping[tuple[str, str], Judged]:
        """Show the logs of ``owners`` anew beside the tables, and tell of rows (table, key) what is wrong with them.

        With ``repair`` they are made what the logs say, in one transaction. ``lost`` is asked for events under the
        floor of a log: where they cannot be had, or do not chain up to the floor, no row is judged; where
        none of them can be had and the log is an audit trail, each row of which shows one event, what is held tells of
        its own. Where events were erased, or are not known,
        none is called extra.
        """
        ...

    async def keep(self, found: Verification) -> None:
        """Keep what came of a comparison, in place of the last one with the same node."""
        ...

    async def last(self, there: str) -> Verification | None:
        """Return what was kept last of comparisons with the node ``there``, or None."""
        ...
