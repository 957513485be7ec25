"""A site's database file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.database.schema import migrate_sqlite
from adapters.database.sqlite import SqliteDatabase


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """A fresh database, open, in ``site.sqlite``."""
    migrate_sqlite(tmp_path / "site.sqlite")
    opened = SqliteDatabase(tmp_path / "site.sqlite")
    await opened.open()
    yield opened
    await opened.close()
