"""What snapshots ask of a node: its tables, and a place where pieces are kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bus.snapshots.manifest import Manifest, Piece, Place


class NoSnapshot(Exception):  # noqa: N818 - a state of the feed
    """There is no snapshot of this feed now: the node holds none of it, or not yet all."""


class Outrun(Exception):  # noqa: N818 - a state of the feed
    """The node holds more of a log than the snapshot shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A snapshot on its way into the tables; while there is one of a feed, the feed counts as not arrived.

    Attributes:
        snapshot: its id; empty: any will do, none has been begun.
        pieces: how many of it are in the tables.
        is_first: nothing of the feed stood in the tables before.
    """

    feed: str
    snapshot: str
    pieces: int
    is_first: bool


class Sink(Protocol):
    """Takes a snapshot as it is made. May be called in a thread of its own; nothing of it waits."""

    def begin(self, places: Sequence[Place]) -> None:
        """Take the logs and how much of them the rows show; called once, first."""
        ...

    def table(self, name: str, columns: Sequence[str]) -> None:
        """Take rows of this table from now on."""
        ...

    def add(self, rows: Sequence[Sequence[object]], key_at: int) -> None:
        """Take rows, by key, which is in the column ``key_at``."""
        ...


class SnapshotTables(Protocol):
    """The rows of feeds in a node's database. Any method may raise `Unavailable`."""

    async def take(self, feed: str, sink: Sink) -> None:
        """Hand all rows of a feed, and its logs, to ``sink``: one state, whatever is written meanwhile.

        Raises:
            NoSnapshot: there are no logs of it here, or not all of it has arrived.
        """
        ...

    async def loads(self) -> Sequence[Load]:
        """Return the loads under way, by feed."""
        ...

    async def require(self, feed: str) -> None:
        """Note that a feed is to be loaded, whatever is held of it: what stands in the tables cannot be relied upon.

        From now on the feed counts as not arrived.
        """
        ...

    async def begin(self, manifest: Manifest) -> Load:
        """Begin to load a snapshot, unless that has begun; another load of the feed gives way. Return how it stands.

        From now on the feed counts as not arrived. Its logs, and what is in the tables, stay as they are.

        Raises:
            Outrun: this node holds more than the snapshot shows, and the load is not required.
        """
        ...

    async def put(self, load: Load, columns: Sequence[str], piece: Piece) -> Load:
        """Put a piece in the place of all that stands there of the feed, and count it, in one transaction.

        A row of the same key that is another feed's gives way, or this one does: see `FeedModule.yielding`. A table
        that is not known here is passed over.

        Raises:
            LookupError: the table has columns that the snapshot lacks, or the load is not under way any more.
        """
        ...

    async def finish(self, manifest: Manifest, via: str) -> None:
        """All pieces are in the tables: have the logs, which arrive through ``via``, stand where the snapshot does.

        All in one transaction. The feed has arrived; what was held of its logs as events goes by `sweep`, at once what
        is not of the snapshot's history.

        Raises:
            LookupError: the load is not under way any more.
        """
        ...

    async def sweep(self) -> None:
        """Remove events that logs do not hold any more, in short transactions."""
        ...

    async def leave(self, feed: str) -> int:
        """Remove the rows of a feed, its logs and their events, in short transactions; return how many rows there were.

        From the first of them on the feed counts as not arrived, and a load of it as required, so that what is
        interrupted is known to be unfinished.
        """
        ...


class Shelf(Protocol):
    """Where the pieces of snapshots are kept. What is on it may be damaged or gone at any time: manifests tell."""

    def find(self, feed: str, id: str = "") -> Manifest | None:  # noqa: A002 - what it is called everywhere
        """Return the manifest of a snapshot, or of the newest of a feed, if all its pieces are here."""
        ...

    def begin(self, feed: str) -> None:
        """Begin to make a snapshot of a feed; one that was never finished is forgotten."""
        ...

    def add(self, feed: str, data: bytes) -> None:
        """Put the next piece of a snapshot that is being made."""
        ...

    def finish(self, manifest: Manifest) -> None:
        """Keep what was made under this manifest. Of each feed the two newest snapshots are kept."""
        ...

    def expect(self, manifest: Manifest) -> int:
        """Make place for a snapshot that comes from elsewhere; return how many of its pieces are here already."""
        ...

    def fetched(self, manifest: Manifest, data: bytes) -> None:
        """Put the next piece of a snapshot that is expected.

        Raises:
            PieceDamaged: it is not expected any more: its feed was forgotten meanwhile.
        """
        ...

    def piece(self, manifest: Manifest, number: int) -> bytes:
        """Return a piece.

        Raises:
            PieceDamaged: it is not here, or is damaged.
        """
        ...

    def feeds(self) -> Collection[str]:
        """Return the feeds of which there is anything, be it a part."""
        ...

    def drop(self, feed: str) -> None:
        """Forget all of a feed."""
        ...
