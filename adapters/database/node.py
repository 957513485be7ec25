"""Whose database this is: a node's code and epoch are written once, when the database is new."""

from sqlalchemy import bindparam, insert, select, update

from adapters.database.session import Database, Session
from adapters.database.tables.logs import node as node_table
from domain.shared.ports import Ids

EPOCH_BITS = 63
_REWRITE = update(node_table).where(node_table.c.code == bindparam("key")).values(code=bindparam("key"))


class ForeignDatabase(Exception):  # noqa: N818 - a state of the installation
    """The database belongs to another node."""


async def claim(database: Database, code: str, ids: Ids) -> int:
    """Return the epoch under which node ``code`` records in this database; draw it when the database is new.

    Raises:
        ForeignDatabase: it belongs to another node.
    """

    async def within(session: Session) -> int:
        row = await session.row(select(node_table))
        if row is None:
            epoch = int.from_bytes(ids.random(8)) >> (64 - EPOCH_BITS)
            await session.run(insert(node_table).values(code=code, epoch=epoch))
            return epoch
        if row["code"] != code:
            raise ForeignDatabase(f"the database belongs to node {row['code']}, not {code}")
        return int(row["epoch"])

    return await database.write(within)


async def rewrite(database: Database, code: str) -> None:
    """Write once more that the database is node ``code``'s: changes nothing, and shows that changes can be made.

    Raises:
        StoreFailed: they cannot.
    """
    await database.write(lambda session: session.run(_REWRITE, key=code))
