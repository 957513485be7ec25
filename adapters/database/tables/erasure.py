"""What was erased: no body of an event that has a tombstone is held."""

from sqlalchemy import Boolean, Column, Integer, Table, Text

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Id, Instant

erasure = Table(
    "erasure",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("erased_by", Text, nullable=False),
    Column("erased_at", Instant, nullable=False),
)

tombstone = Table(
    "tombstone",
    METADATA,
    Column("id", Id, primary_key=True, comment="of an event, or of what events are about"),
    Column("is_event", Boolean, nullable=False),
    Column("erasure_id", Id, nullable=False, index=True),
)
