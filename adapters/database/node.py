"""Whose database this is: a node's code is written once, when the database is new."""

from sqlalchemy import bindparam, insert, select, update

from adapters.database import epochs
from adapters.database.session import Database, Session
from adapters.database.tables.logs import node as node_table
from domain.shared.ports import Clock, Ids

_REWRITE = update(node_table).where(node_table.c.code == bindparam("key")).values(code=bindparam("key"))

_NOTE_SEAL = update(node_table).values(seal=bindparam("mark"))


class ForeignDatabase(Exception):  # noqa: N818 - a state of the installation
    """The database belongs to another node."""


async def claim(database: Database, code: str, clock: Clock, ids: Ids) -> None:
    """Make sure that this database is node ``code``'s; a new one becomes that, with an epoch later than all before.

    Raises:
        ForeignDatabase: it belongs to another node.
    """

    async def within(session: Session) -> None:
        row = await session.row(select(node_table))
        if row is None:
            epoch = (int(clock.now().timestamp() * 1000) << epochs.STEP_BITS) + epochs.step(ids)
            await session.run(insert(node_table).values(code=code, epoch=epoch))
        elif row["code"] != code:
            raise ForeignDatabase(f"the database belongs to node {row['code']}, not {code}")

    await database.write(within)


async def noted_seal(database: Database) -> bytes | None:
    """Return the mark of the key that seals the node's events, or None: none was noted yet."""
    row = await database.read(lambda session: session.row(select(node_table.c.seal)))
    return None if row is None else row["seal"]


async def note_seal(database: Database, mark: bytes) -> None:
    """Note the mark of the key that seals the events of the node that has claimed a database."""
    await database.write(lambda session: session.run(_NOTE_SEAL, mark=mark))


async def rewrite(database: Database, code: str) -> None:
    """Write once more that the database is node ``code``'s: changes nothing, and shows that changes can be made.

    Raises:
        StoreFailed: they cannot.
    """
    await database.write(lambda session: session.run(_REWRITE, key=code))
