"""What nodes are meant to hold alike besides the logs: which tables, by what a row is known, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sqlalchemy import ColumnElement, FromClause, Select, Table, Text, case, literal_column, select

from adapters.database.tables.access import audit_record
from adapters.database.tables.alarms import alarm
from adapters.database.tables.crossings import passage_link, quarantine_tally, quarantined_push, reading, registration
from adapters.database.tables.organisation import device
from adapters.database.tables.watchlist import criterion, entry
from adapters.database.types import Id
from bus.catalogue import WATCHLIST, audit_of, feed
from domain.watchlist.scopes import DRAFTS


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A table that several nodes hold alike.

    Attributes:
        key: by which a row is known at every node.
        owner: the node, or the feed, to which a row belongs.
        source: the table, with what tells the owner.
    """

    table: Table
    key: ColumnElement[Any]
    owner: ColumnElement[Any]
    source: FromClause

    @property
    def is_by_id(self) -> bool:
        """Whether the key is an id; else it is a code."""
        return self.key.type is Id

    @cached_property
    def rows(self) -> Select[Any]:
        """All rows, each with ``belongs_to`` and ``id`` beside its own columns."""
        name = () if self.key.key == "id" else (self.key.label("id"),)
        return select(self.owner.label("belongs_to"), *name, *self.table.columns).select_from(self.source)


def _of_node(table: Table, key: str = "id") -> Shared:
    return Shared(table=table, key=table.c[key], owner=table.c.node, source=table)


def _text(fixed: str) -> ColumnElement[str]:
    return literal_column(f"'{fixed}'", Text)


def _of(module: str, scope: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast("ColumnElement[Any]", _text(feed(module, "")) + scope)


UP: Mapping[str, Shared] = {
    shared.table.name: shared
    for shared in (
        _of_node(reading),
        _of_node(registration),
        _of_node(passage_link, "linked_passage_id"),
        _of_node(alarm),
        _of_node(quarantined_push),
        _of_node(quarantine_tally, "device"),
        Shared(
            table=audit_record,
            key=audit_record.c.id,
            owner=_text(audit_of("")) + audit_record.c.node,
            source=audit_record,
        ),
    )
}
"""What travels up belongs to the node that sends it."""

DOWN: Mapping[str, Shared] = {
    shared.table.name: shared
    for shared in (
        Shared(
            table=entry,
            key=entry.c.id,
            owner=case(
                (entry.c.approved_at.is_(None), _text(feed(WATCHLIST, DRAFTS))),
                else_=_of(WATCHLIST, entry.c.scope),
            ),
            source=entry,
        ),
        Shared(
            table=criterion,
            key=criterion.c.id,
            owner=_of(WATCHLIST, entry.c.scope),
            source=criterion.outerjoin(entry, entry.c.id == criterion.c.entry_id),
        ),
        Shared(table=device, key=device.c.code, owner=_of("organisation", device.c.site), source=device),
    )
}
"""What travels down belongs to a feed. An entry that nobody has approved is a draft."""

SHARED: Mapping[str, Shared] = {**UP, **DOWN}
