"""Whose database it is."""

from pathlib import Path

import pytest

from adapters.database.node import ForeignDatabase, claim
from adapters.database.schema import migrate_sqlite
from adapters.database.sqlite import SqliteDatabase
from adapters.system import SystemIds


async def test_a_node_keeps_its_epoch_and_nobody_else_may_use_its_database(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "site.sqlite")
    database = SqliteDatabase(tmp_path / "site.sqlite")
    await database.open()
    epoch = await claim(database, "dorohusk", SystemIds())

    assert 0 <= epoch < 1 << 63
    assert await claim(database, "dorohusk", SystemIds()) == epoch
    with pytest.raises(ForeignDatabase, match="dorohusk"):
        await claim(database, "koroszczyn", SystemIds())
    await database.close()
