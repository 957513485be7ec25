"""Bringing a database to the newest revision of its tables, and comparing it with what the program expects."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.database import partitions, types
from adapters.database.newer import DatabaseNewer
from adapters.database.tables import METADATA
from adapters.database.tables.registrations import OF_EXPRESSIONS

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x0CA1F5


def migrate_sqlite(path: Path) -> None:
    """Bring the SQLite file at ``path`` to the newest revision; make it when there is none.

    Raises:
        DatabaseNewer: it is of a newer program.
    """
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            _upgrade(connection)
    finally:
        engine.dispose()


async def migrate_postgres(url: str) -> None:
    """Bring the PostgreSQL database at ``url`` to the newest revision, one process at a time.

    Raises:
        DatabaseNewer: it is of a newer program.
    """
    engine = create_async_engine(_async_url(url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_upgrade)
        await partitions.make(engine)
    finally:
        await engine.dispose()


async def make_parts(url: str) -> None:
    """Make the parts of tables that are due in the PostgreSQL database at ``url``; see `partitions.make`."""
    engine = create_async_engine(_async_url(url))
    try:
        await partitions.make(engine)
    finally:
        await engine.dispose()


def differences(connection: Connection) -> list[Any]:
    """Return what the tables lack or have too much, in Alembic's own words; empty when they are as expected."""

    def here(item: Any, name: str | None, type_: str, *_: Any) -> bool:
        if type_ == "table" and name is not None and partitions.is_part(name):
            return False
        if type_ == "index" and name in OF_EXPRESSIONS:
            return False
        return bool(item.info.get("dialect", connection.dialect.name) == connection.dialect.name)

    context = MigrationContext.configure(connection, opts={"compare_type": _other_type, "include_object": here})
    found: list[Any] = compare_metadata(context, METADATA)
    return found


def _other_type(context: MigrationContext, _: Any, __: Any, found: Any, wanted: Any) -> bool | None:
    """Tell whether a column has another type; SQLite does not tell the types that are only names."""
    names = types.names(wanted)
    if not names:
        return None
    return context.dialect.name != "sqlite" and found.compile(dialect=context.dialect) not in names


def _upgrade(connection: Connection) -> None:
    made = config(connection)
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in {
        each.revision for each in ScriptDirectory.from_config(made).walk_revisions()
    }:
        raise DatabaseNewer(
            f"the database is of a newer program: this one does not know revision {found} of its tables"
        )
    command.upgrade(made, "head")


def config(connection: Connection) -> Config:
    """Return Alembic's configuration for this connection."""
    made = Config()
    made.set_main_option("script_location", str(_MIGRATIONS))
    made.attributes["connection"] = connection
    made.attributes["compare_type"] = _other_type
    return made


def _async_url(url: str) -> str:
    return "postgresql+asyncpg://" + url.split("://", 1)[1]
