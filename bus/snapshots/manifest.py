"""What a snapshot is made of: pieces of rows, and a manifest that says which logs they stand for and how each is known.

A piece holds the rows of one table between two keys, by key, so that it can take the place of whatever stands there.
Fields of what travels may only be added, and only at the end.
"""

import hashlib
import threading
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
import zstandard
from msgspec import Meta

from bus.replication.log import Channel, LogId, Position, Seq
from bus.replication.record import Hash

PIECE_BYTES: Final = 512 * 1024
"""Bytes of a piece before it is packed; one of a single larger row has more."""
PIECES_MAX: Final = 1 << 14
_UNPACKED_MAX: Final = 16 << 20
_LEVEL: Final = 1

Row = tuple[Any, ...]
Key = Annotated[str, Meta(max_length=200)]
Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{0,64}\Z")]
_Name = Annotated[str, Meta(pattern=r"\A[a-z_]{1,63}\Z")]


class PieceDamaged(ValueError):  # noqa: N818 - errors are named by what happened
    """The bytes are not the piece that the manifest names, or are none."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A log of a feed, and how much of it the rows of a snapshot show."""

    log: LogId
    position: Position


class PieceName(msgspec.Struct, frozen=True, array_like=True):
    """A piece as its manifest knows it: how many bytes it has, and their SHA-256."""

    size: Annotated[int, Meta(ge=1, le=_UNPACKED_MAX)]
    hash: Hash


class Manifest(msgspec.Struct, frozen=True, array_like=True):
    """A snapshot of a feed.

    ``id`` follows from everything else, ``made_at`` is in milliseconds since 1970, ``columns`` are those of the rows of
    each table, ``rows`` is how many there are in all pieces.
    """

    id: Id
    feed: Channel
    made_at: Seq
    places: Annotated[list[Place], Meta(min_length=1, max_length=1_000)]
    columns: dict[_Name, list[_Name]]
    pieces: Annotated[list[PieceName], Meta(max_length=PIECES_MAX)]
    rows: Seq

    @property
    def size(self) -> int:
        """Bytes of all pieces."""
        return sum(piece.size for piece in self.pieces)

    def check(self, number: int, data: bytes) -> None:
        """Make sure that bytes are a piece of this snapshot.

        Raises:
            PieceDamaged: they are not.
        """
        name = self.pieces[number]
        if len(data) != name.size or hashlib.sha256(data).digest() != name.hash:
            raise PieceDamaged(f"piece {number} of {self.feed}")


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """All rows of a table that belong to the feed, with keys behind ``after`` and ``until`` at most.

    An empty text leaves that end open.
    """

    table: _Name
    after: Key
    until: Key
    rows: list[Row]


class _PackedRows(msgspec.Struct, frozen=True, array_like=True):
    """A `Piece` whose rows are encoded already."""

    table: str
    after: str
    until: str
    rows: list[msgspec.Raw]


class Wanted(msgspec.Struct, frozen=True, array_like=True):
    """Child to parent: a piece of a snapshot, or, where no ``id`` is named, a manifest.

    ``held`` is how far the child is in logs of the feed: a snapshot that shows less is of no use to it. Of a piece the
    ``length`` bytes from ``offset`` on are wanted, or all where no length is named. Who knows no parts gives all.
    """

    feed: Channel
    id: Id = ""
    piece: Annotated[int, Meta(ge=0, lt=PIECES_MAX)] = 0
    held: Annotated[list[Place], Meta(max_length=1_000)] = []
    offset: Annotated[int, Meta(ge=0, le=_UNPACKED_MAX)] = 0
    length: Annotated[int, Meta(ge=0, le=_UNPACKED_MAX)] = 0


encode_row = msgspec.msgpack.Encoder().encode
_encode = msgspec.msgpack.Encoder().encode
_piece = msgspec.msgpack.Decoder(Piece)
_per_thread = threading.local()


def pack_piece(table: str, after: str, until: str, rows: Sequence[bytes]) -> bytes:
    """Pack rows that `encode_row` has encoded."""
    return _compressor().compress(_encode(_PackedRows(table, after, until, [msgspec.Raw(row) for row in rows])))


def unpack_piece(data: bytes) -> Piece:
    """Take a piece apart.

    Raises:
        PieceDamaged: it is none.
    """
    try:
        return _piece.decode(zstandard.ZstdDecompressor().decompress(data, max_output_size=_UNPACKED_MAX))
    except (zstandard.ZstdError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PieceDamaged(str(error)) from error


def id_of(feed: str, places: Sequence[Place], pieces: Sequence[PieceName]) -> str:
    """Return what a snapshot of this content is called."""
    return hashlib.sha256(_encode((feed, places, pieces))).hexdigest()


def _compressor() -> zstandard.ZstdCompressor:
    """Return a compressor for this thread: they are not to be shared."""
    if not hasattr(_per_thread, "compressor"):
        _per_thread.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return _per_thread.compressor  # type: ignore[no-any-return] # a thread's own attributes have no types
