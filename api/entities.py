"""Looking at entities: one by its id, or a page of those that are wanted."""

from typing import Any, TypeVar

from api.context import Info
from api.ids import local_id
from api.paging import Connection, connection, window
from bus.catalogue import ENTITIES

E = TypeVar("E")


async def one(info: Info, type_: type[E], kind: str, id_: str, /) -> E | None:
    """Return the entity of a global id of the schema's type ``kind``, or None."""
    return await info.context.doors.views.entity(type_, local_id(id_, kind))


async def listed(
    info: Info, type_: type[E], kind: str, first: int, after: str | None, /, **wanted: Any
) -> Connection[E]:
    """Return a page of the entities whose columns are as wanted, the greatest key first; a column of None is any."""
    asked, key = window(kind, first, after), ENTITIES[type_].key
    page = await info.context.doors.views.entities(type_, asked, **wanted)
    return connection(page, asked, lambda each: str(getattr(each, key)))
