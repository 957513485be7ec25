"""Entities: things that stand on record as they are after all events about them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from domain.shared.views import Page, Window

E = TypeVar("E")

THOSE_MAX = 500


class Entities(Protocol):
    """The entities on record, as a change finds them: what it recorded itself shows."""

    async def find(self, type_: type[E], key: str) -> E | None:
        """Return the entity of this id or code, or None."""
        ...

    async def those(self, type_: type[E], limit: int = THOSE_MAX, **wanted: object) -> Sequence[E]:
        """Return the entities whose columns are as wanted, the greatest key first; a column of None is any."""
        ...

    async def every(self, type_: type[E], **wanted: object) -> Sequence[E]:
        """Return all that `those` would return a part of: for what is few, and of which nothing may be left out."""
        ...

    async def column(self, type_: type[E], name: str, limit: int, **wanted: object) -> Mapping[str, Any]:
        """Return one column of the entities that `those` would return, by key, without reading the rest of them."""
        ...

    async def beside(self, type_: type[E], column: str, ids: Sequence[str], limit: int) -> Mapping[str, Sequence[E]]:
        """Return for each id the entities whose column holds it, the greatest key first, in one look.

        Args:
            type_: of which entities.
            column: one of ids.
            ids: of what they are about; those about which there are none have an empty list.
            limit: how many there are at most for each id.
        """
        ...


class EntityViews(Protocol):
    """The entities as they stand at this node, last committed."""

    async def entity(self, type_: type[E], key: str) -> E | None:
        """Return the entity of this id or code, or None."""
        ...

    async def entities_of(self, type_: type[E], keys: Sequence[str]) -> Sequence[E]:
        """Return the entities of these ids or codes, in one look and in this order; those that are not are left out."""
        ...

    async def entities_beside(
        self, type_: type[E], column: str, ids: Sequence[str], limit: int
    ) -> Mapping[str, Sequence[E]]:
        """Return for each id the entities whose column holds it; see `Entities.beside`."""
        ...

    async def every_entity(self, type_: type[E], **wanted: object) -> Sequence[E]:
        """Return all entities whose columns are as wanted; see `Entities.every`."""
        ...

    async def entities(self, type_: type[E], window: Window, **wanted: object) -> Page[E]:
        """Return the entities whose columns are as wanted, the greatest key first; a column of None is any."""
        ...
