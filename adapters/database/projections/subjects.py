"""What events of a log are about: the rows that they change must be there, and can be made anew from them."""

from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, Table

from adapters.database.session import Session
from bus.recorded import RowMissing


class Subject(NamedTuple):
    """The object that an event is about.

    Attributes:
        key: under which its rows stand, and which stands in the bytes of every event about it.
        forget: statements that remove these rows; the same for all events about objects of one kind.
    """

    key: str
    forget: tuple[ClauseElement, ...]


async def change_row(session: Session, table: Table, statement: ClauseElement, **values: Any) -> None:
    """Run a statement that changes a row.

    Raises:
        RowMissing: there is none: the event that brings it is in quarantine, or in a log that is not here.
    """
    if not await session.run(statement, **values):
        raise RowMissing(table.name)
