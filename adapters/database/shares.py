"""What nodes are meant to hold alike besides the logs: which tables, by what a row is known, and whose it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, FromClause, Select, Table, Text, and_, case, literal_column, select

from adapters.database.tables import METADATA
from adapters.database.tables.access import audit_record
from adapters.database.tables.alarms import alarm
from adapters.database.tables.registrations import (
    passage_link,
    quarantine_tally,
    quarantined_push,
    reading,
    registration,
)
from adapters.database.types import Id
from bus.catalogue import ENTITIES, audit_of
from bus.feed_modules import FEEDS, Shown, feed
from bus.verification.ports import SharedTables
from domain.watchlist.scopes import DRAFTS


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A table that several nodes hold alike.

    Attributes:
        key: by which a row is known at every node.
        owner: the node, or the feed, to which a row belongs.
        source: the table, with what tells the owner.
        apart: columns in which nodes may differ.
    """

    table: Table
    key: ColumnElement[Any]
    owner: ColumnElement[Any]
    source: FromClause
    apart: Collection[str] = ()

    @property
    def is_by_id(self) -> bool:
        """Whether the key is an id; else it is a code."""
        return self.key.type is Id

    @cached_property
    def rows(self) -> Select[Any]:
        """All rows, each with ``belongs_to`` and ``id`` beside those of its columns that are alike."""
        name = () if self.key.key == "id" else (self.key.label("id"),)
        columns = (column for column in self.table.columns if column.name not in self.apart)
        return select(self.owner.label("belongs_to"), *name, *columns).select_from(self.source)


def _of_node(table: Table, key: str = "id", apart: Collection[str] = ()) -> Shared:
    return Shared(table=table, key=table.c[key], owner=table.c.node, source=table, apart=apart)


def _text(fixed: str) -> ColumnElement[str]:
    return literal_column(f"'{fixed}'", Text)


def _of(module: str, scope: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast("ColumnElement[Any]", _text(feed(module, "")) + scope)


def _of_feed(module: str, shown: Shown) -> Shared:
    table = METADATA.tables[shown.table]
    if shown.part_of is None:
        return Shared(table=table, key=table.c[shown.key], owner=_owner(module, shown, table), source=table)
    whole = next(one for one in FEEDS[module].shown if one.table == shown.part_of[0])
    whole_table = METADATA.tables[whole.table]
    joined = table.outerjoin(whole_table, whole_table.c[whole.key] == table.c[shown.part_of[1]])
    return Shared(table=table, key=table.c[shown.key], owner=_owner(module, whole, whole_table), source=joined)


def _owner(module: str, shown: Shown, table: Table) -> ColumnElement[Any]:
    of_scope = _of(module, table.c[shown.scope])
    if shown.drafted is None:
        return of_scope
    is_draft = and_(table.c[shown.key].is_not(None), table.c[shown.drafted].is_(None))
    return case((is_draft, _text(feed(module, DRAFTS))), else_=of_scope)


UP: Mapping[str, Shared] = {
    shared.table.name: shared
    for shared in (
        _of_node(reading),
        _of_node(registration, apart=("further", "holder")),  # follow from the rest, and nodes of 0.1.0 have none
        _of_node(passage_link, "linked_passage_id"),
        _of_node(alarm),
        _of_node(quarantined_push),
        _of_node(quarantine_tally, "device"),
        *(_of_node(METADATA.tables[entry.table], entry.key) for entry in ENTITIES.values() if entry.is_fact),
        Shared(
            table=audit_record,
            key=audit_record.c.id,
            owner=_text(audit_of("")) + audit_record.c.node,
            source=audit_record,
            apart=("epoch", "seq", "hash"),  # where an event stands in two logs, each node shows one of both places
        ),
    )
}
"""What travels up belongs to the node that sends it."""

DOWN: Mapping[str, Shared] = {
    shown.table: _of_feed(module.name, shown) for module in FEEDS.values() for shown in module.shown
}
"""What travels down belongs to a feed. An entry that nobody has approved is a draft."""

SHARED: Mapping[str, Shared] = {**UP, **DOWN}
TABLES: Final = SharedTables(up=tuple(map(str, UP)), down=tuple(map(str, DOWN)))
