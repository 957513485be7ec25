"""Devices."""

from sqlalchemy import BigInteger, Column, Float, Index, Table, Text

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Instant, Json

device = Table(
    "device",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("checkpoint", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("key_digest", Text, nullable=False),
    Column("merge_window_seconds", Float, nullable=False),
    Column("withdrawn_at", Instant, nullable=True),
    Column("silent_after_seconds", Float, nullable=True),
    Column("view", Text, nullable=True),
    Column("direction_words", Json, nullable=True),
    Column("version", BigInteger, nullable=True, comment="none: it was never adjusted"),
)
Index("ix_device_site_checkpoint", device.c.site, device.c.checkpoint)
