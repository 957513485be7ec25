"""Watchlist entries, and the criteria of those that are live."""

from sqlalchemy import Column, Index, Integer, Table, Text

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Id, Instant, Json

entry = Table(
    "entry",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("state", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("instructions", Text, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("criteria", Json, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("approver", Text, nullable=False),
    Column("approved_at", Instant, nullable=True),
)

criterion = Table(
    "criterion",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("entry_id", Id, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("canonical", Text, nullable=False),
    Column("country", Text, nullable=True),
)
Index("ix_entry_state", entry.c.state, entry.c.id)
Index("ix_criterion_kind_folded", criterion.c.kind, criterion.c.folded)
