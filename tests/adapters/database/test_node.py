"""Whose database it is."""

from pathlib import Path

import pytest

from adapters.database import epochs
from adapters.database.node import ForeignDatabase, claim
from adapters.database.schema import migrate_sqlite
from adapters.database.sqlite import SqliteDatabase
from adapters.system import SystemClock, SystemIds


async def test_a_node_keeps_its_epoch_and_nobody_else_may_use_its_database(tmp_path: Path) -> None:
    clock, ids = SystemClock(), SystemIds()
    migrate_sqlite(tmp_path / "site.sqlite")
    database = SqliteDatabase(tmp_path / "site.sqlite")
    await database.open()
    await claim(database, "dorohusk", clock, ids)
    epoch = await database.read(epochs.present)

    assert 0 <= epoch < 1 << 63
    await claim(database, "dorohusk", clock, ids)
    assert await database.read(epochs.present) == epoch
    with pytest.raises(ForeignDatabase, match="dorohusk"):
        await claim(database, "koroszczyn", clock, ids)
    await database.close()
