"""Where a node keeps the pieces of snapshots: files in its state folder.

    <feed>.making               pieces of one that is being made
    <feed>.<id>.manifest        what it is
    <feed>.<id>.pieces          its pieces, one behind the other

A file may be torn or gone at any time: what is read is compared with the manifest, so nothing here is synced.
"""

import os
from bisect import bisect_right
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Final

import msgspec

from bus.snapshots.manifest import Manifest, PieceDamaged
from bus.snapshots.ports import Shelf

KEPT_PER_FEED: Final = 2
_NAMES: Final = 2
"""Words in a feed's name: its module and its scope."""
_encode = msgspec.msgpack.Encoder().encode
_manifest = msgspec.msgpack.Decoder(Manifest)


class FileShelf(Shelf):
    """A folder of snapshots."""

    def __init__(self, folder: Path) -> None:
        """Keep them in ``folder``."""
        self._folder = folder
        self._known: dict[str, tuple[Manifest, list[int]]] = {}

    def find(self, feed: str, id: str = "") -> Manifest | None:  # noqa: A002 - as the port says
        """Return the manifest of a snapshot, or of the newest of a feed, if all its pieces are here."""
        whole = [one for one in self._manifests(feed) if id in ("", one.id) and self._count(one) == len(one.pieces)]
        return max(whole, key=lambda one: one.made_at, default=None)

    def begin(self, feed: str) -> None:
        """Begin to make a snapshot of a feed."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._making(feed).write_bytes(b"")

    def add(self, feed: str, data: bytes) -> None:
        """Put the next piece of a snapshot that is being made."""
        with self._making(feed).open("ab") as file:
            file.write(data)

    def finish(self, manifest: Manifest) -> None:
        """Keep what was made under this manifest."""
        self._making(manifest.feed).replace(self._pieces(manifest))
        self._write(manifest)

    def expect(self, manifest: Manifest) -> int:
        """Make place for a snapshot that comes from elsewhere; return how many of its pieces are here already."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._file(manifest).exists():
            self._write(manifest)
        count = self._count(manifest)
        with self._pieces(manifest).open("ab"):
            os.truncate(self._pieces(manifest), self._ends(manifest)[count])
        return count

    def fetched(self, manifest: Manifest, data: bytes) -> None:
        """Put the next piece of a snapshot that is expected."""
        if not self._file(manifest).exists():
            raise PieceDamaged(f"{manifest.feed} is not expected any more")
        with self._pieces(manifest).open("ab") as file:
            file.write(data)

    def piece(self, manifest: Manifest, number: int) -> bytes:
        """Return a piece."""
        try:
            with self._pieces(manifest).open("rb") as file:
                file.seek(self._ends(manifest)[number])
                data = file.read(manifest.pieces[number].size)
        except FileNotFoundError:
            raise PieceDamaged(f"{manifest.feed} is not on the shelf") from None
        manifest.check(number, data)
        return data

    def feeds(self) -> Collection[str]:
        """Return the feeds of which there is anything, be it a part."""
        return {".".join(file.name.split(".")[:_NAMES]) for file in self._folder.glob("*")}

    def drop(self, feed: str) -> None:
        """Forget all of a feed."""
        for manifest in self._manifests(feed):
            self._forget(manifest)
        for torn in self._folder.glob(f"{feed}.*"):
            torn.unlink(missing_ok=True)

    def _write(self, manifest: Manifest) -> None:
        begun = self._file(manifest).with_suffix(".new")
        begun.write_bytes(_encode(manifest))
        begun.replace(self._file(manifest))
        newest = sorted(self._manifests(manifest.feed), key=lambda one: (one.id == manifest.id, one.made_at))
        for old in newest[:-KEPT_PER_FEED]:
            self._forget(old)

    def _forget(self, manifest: Manifest) -> None:
        self._file(manifest).unlink(missing_ok=True)
        self._pieces(manifest).unlink(missing_ok=True)
        self._known.pop(self._file(manifest).name, None)

    def _manifests(self, feed: str) -> Iterator[Manifest]:
        for file in sorted(self._folder.glob(f"{feed}.*.manifest")):
            if file.name not in self._known:
                try:
                    read = _manifest.decode(file.read_bytes())
                except (msgspec.MsgspecError, OSError):
                    continue
                self._known[file.name] = read, [0, *accumulate(piece.size for piece in read.pieces)]
            if self._known[file.name][0].feed == feed:
                yield self._known[file.name][0]

    def _count(self, manifest: Manifest) -> int:
        """Return how many pieces are here, by their sizes."""
        with suppress(FileNotFoundError):
            return bisect_right(self._ends(manifest), self._pieces(manifest).stat().st_size) - 1
        return 0

    def _ends(self, manifest: Manifest) -> list[int]:
        known = self._known.get(self._file(manifest).name)
        return known[1] if known is not None else [0, *accumulate(piece.size for piece in manifest.pieces)]

    def _making(self, feed: str) -> Path:
        return self._folder / f"{feed}.making"

    def _file(self, manifest: Manifest) -> Path:
        return self._folder / f"{manifest.feed}.{manifest.id}.manifest"

    def _pieces(self, manifest: Manifest) -> Path:
        return self._file(manifest).with_suffix(".pieces")
