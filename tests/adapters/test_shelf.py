"""Pieces of snapshots in files: kept, fetched in part, damaged, forgotten."""

from pathlib import Path

import pytest

from adapters.database.feed_rows import columns_of
from adapters.shelf import FileShelf
from bus.replication.log import START, LogId
from bus.snapshots.making import Maker
from bus.snapshots.manifest import Manifest, PieceDamaged, Place, unpack_piece

FEED = "watchlist.pl"


def made(shelf: FileShelf, *, at: int = 1, rows: int = 3_000) -> Manifest:
    maker = Maker(FEED, shelf, at)
    maker.begin([Place(LogId("central", 1, FEED), START)])
    maker.table("entry", columns_of("entry"))
    maker.add([(f"{number:06}", "x" * 400) for number in range(rows)], 0)
    return maker.finish()


def test_what_is_made_is_found_by_who_opens_the_folder_later(tmp_path: Path) -> None:
    manifest = made(FileShelf(tmp_path / "shelf"))
    later = FileShelf(tmp_path / "shelf")
    assert later.find(FEED) == later.find(FEED, manifest.id) == manifest
    assert later.find(FEED, "00") is None
    assert later.find("watchlist.plock") is None
    pieces = [unpack_piece(later.piece(manifest, number)) for number in range(len(manifest.pieces))]
    assert [row[0] for piece in pieces for row in piece.rows] == [f"{number:06}" for number in range(3_000)]
    assert [piece.after for piece in pieces] == ["", *(piece.until for piece in pieces[:-1])]
    assert pieces[-1].until == ""


def test_all_there_is_of_a_feed_is_forgotten_and_nothing_of_another(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    assert shelf.feeds() == set()
    made(shelf)
    shelf.begin("watchlist.plus")
    (tmp_path / f"{FEED}.abc.pieces").write_bytes(b"torn")
    assert shelf.feeds() == {FEED, "watchlist.plus"}
    shelf.drop(FEED)
    assert shelf.feeds() == {"watchlist.plus"}
    shelf.drop("watchlist.plus")
    assert list(tmp_path.iterdir()) == []


def test_what_was_forgotten_while_it_is_fetched_is_not_put(tmp_path: Path) -> None:
    there, here = FileShelf(tmp_path / "there"), FileShelf(tmp_path / "here")
    manifest = made(there)
    here.expect(manifest)
    here.drop(FEED)
    with pytest.raises(PieceDamaged):
        here.fetched(manifest, there.piece(manifest, 0))
    assert list((tmp_path / "here").iterdir()) == []


def test_what_is_fetched_goes_on_where_a_torn_piece_begins(tmp_path: Path) -> None:
    there, here = FileShelf(tmp_path / "there"), FileShelf(tmp_path / "here")
    manifest = made(there)
    assert here.expect(manifest) == 0
    here.fetched(manifest, there.piece(manifest, 0))
    assert here.find(FEED) is None
    with (tmp_path / "here" / f"{FEED}.{manifest.id}.pieces").open("ab") as file:
        file.write(b"torn")
    again = FileShelf(tmp_path / "here")
    assert again.expect(manifest) == 1
    for number in range(1, len(manifest.pieces)):
        again.fetched(manifest, there.piece(manifest, number))
    assert again.find(FEED) == manifest
    assert again.piece(manifest, 2) == there.piece(manifest, 2)


def test_a_damaged_piece_is_none(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    manifest = made(shelf)
    file = tmp_path / f"{FEED}.{manifest.id}.pieces"
    data = bytearray(file.read_bytes())
    data[5] ^= 1
    file.write_bytes(data)
    with pytest.raises(PieceDamaged):
        shelf.piece(manifest, 0)
    shelf.drop(FEED)
    assert shelf.find(FEED) is None
    with pytest.raises(PieceDamaged):
        shelf.piece(manifest, 0)
    assert list(tmp_path.iterdir()) == []


def test_the_two_newest_of_a_feed_are_kept(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    manifests = [made(shelf, at=at, rows=at) for at in (1, 2, 3)]
    assert [shelf.find(FEED, one.id) for one in manifests] == [None, *manifests[1:]]
    assert shelf.find(FEED) == manifests[2]
