"""Making a snapshot of what is in the tables: rows become pieces as they come."""

import hashlib
from collections.abc import Sequence

from bus.snapshots.manifest import PIECE_BYTES, Manifest, PieceName, Place, encode_row, id_of, pack_piece
from bus.snapshots.ports import Shelf


class Maker:
    """Puts the rows of a feed on a shelf, packed in pieces."""

    def __init__(self, feed: str, shelf: Shelf, made_at: int) -> None:
        """Make a snapshot of ``feed`` at ``made_at`` milliseconds since 1970."""
        self._feed = feed
        self._shelf = shelf
        self._made_at = made_at
        self._places: list[Place] = []
        self._columns: dict[str, list[str]] = {}
        self._pieces: list[PieceName] = []
        self._rows: list[bytes] = []
        self._size = self._count = 0
        self._table = self._after = self._last = ""
        shelf.begin(feed)

    def begin(self, places: Sequence[Place]) -> None:
        """Take the logs and how much of them the rows show."""
        self._places = list(places)

    def table(self, name: str, columns: Sequence[str]) -> None:
        """Take rows of this table from now on."""
        self._end_table()
        self._table, self._after = name, ""
        self._columns[name] = list(columns)

    def add(self, rows: Sequence[Sequence[object]], key_at: int) -> None:
        """Take rows, by key."""
        for row in rows:
            encoded = encode_row(tuple(row))
            if self._rows and self._size + len(encoded) > PIECE_BYTES:
                self._pack(self._last)
                self._after = self._last
            self._rows.append(encoded)
            self._size += len(encoded)
            self._last = str(row[key_at])

    def finish(self) -> Manifest:
        """Keep the snapshot; return its manifest."""
        self._end_table()
        manifest = Manifest(
            id_of(self._feed, self._places, self._pieces),
            self._feed,
            self._made_at,
            self._places,
            self._columns,
            self._pieces,
            self._count,
        )
        self._shelf.finish(manifest)
        return manifest

    def _end_table(self) -> None:
        """End a table by a piece that is open at its end, though there be no row in it."""
        if self._table:
            self._pack("")

    def _pack(self, until: str) -> None:
        data = pack_piece(self._table, self._after, until, self._rows)
        self._pieces.append(PieceName(len(data), hashlib.sha256(data).digest()))
        self._shelf.add(self._feed, data)
        self._count += len(self._rows)
        self._rows, self._size = [], 0
