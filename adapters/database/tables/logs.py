"""Logs and their events: the truth from which every other table is projected.

The outbox of a log is its tail after ``centre_seq``: no row stands twice, so none can be missing from either.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Bytes, Id, Instant

log = Table(
    "log",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("origin", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="newest event held"),
    Column("hash", Bytes, nullable=False, comment="of the chain at seq"),
    Column("projected", BigInteger, nullable=False, comment="newest event that shows in the tables"),
    Column("parent_seq", BigInteger, nullable=False, comment="newest event that the parent has committed"),
    Column("parent_hash", Bytes, nullable=False),
    Column("centre_seq", BigInteger, nullable=False, comment="newest event that the centre has committed"),
    Column("centre_hash", Bytes, nullable=False),
    Column("via", Text, nullable=True, comment="neighbour through which the log arrives, none for the node's own"),
    Column("arrived", Boolean, nullable=False, comment="all of it has come from there once"),
    Column("floor_seq", BigInteger, nullable=False, comment="newest event that is no longer held as an event"),
    Column("floor_hash", Bytes, nullable=False),
    UniqueConstraint("origin", "epoch", "channel"),
)

event = Table(
    "event",
    METADATA,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("salt", Bytes, nullable=True),
    Column("body", Bytes, nullable=True),
    Column("commitment", Bytes, nullable=True, comment="kept when salt and body are erased"),
    Column("hash", Bytes, nullable=False),
)
Index("ix_event_id", event.c.id)

event_quarantine = Table(
    "event_quarantine",
    METADATA,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("trouble", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("settled_by", Text, nullable=False),
    Column("settled_at", Instant, nullable=True),
)

batch_quarantine = Table(
    "batch_quarantine",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("room", Text, nullable=False, comment="whose room it takes up: a child's, or that of all strangers"),
    Column("child", Text, nullable=False),
    Column("refused", Boolean, nullable=False, comment="not for this node to take: handed back, or gave way"),
    Column("origin", Text, nullable=True),
    Column("epoch", BigInteger, nullable=True),
    Column("channel", Text, nullable=True),
    Column("first", BigInteger, nullable=True),
    Column("last", BigInteger, nullable=True),
    Column("size", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    Column("settled_by", Text, nullable=False),
    Column("settled_at", Instant, nullable=True),
    Column("data", Bytes, nullable=False),
)
Index("ix_batch_quarantine_room", batch_quarantine.c.room, batch_quarantine.c.id)

batch_quarantine_drop = Table(
    "batch_quarantine_drop",
    METADATA,
    Column("room", Text, primary_key=True),
    Column("count", BigInteger, nullable=False, comment="held batches that had to make room for newer ones"),
    Column("last_at", Instant, nullable=False, comment="when the last of them went"),
)

feed_load = Table(
    "feed_load",
    METADATA,
    Column("feed", Text, primary_key=True),
    Column("snapshot", Text, nullable=False, comment="empty: any will do"),
    Column("pieces", Integer, nullable=False, comment="how many of it are in the tables"),
    Column("is_first", Boolean, nullable=False, comment="nothing of the feed stood there before"),
)

verification = Table(
    "verification",
    METADATA,
    Column("parent", Text, primary_key=True, comment="with which the node was compared"),
    Column("found", Text, nullable=False, comment="what came of the last time, in JSON"),
)

node = Table(
    "node",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("seal", Bytes, nullable=True, comment="mark of the key that seals its events"),
)

reaction = Table(
    "reaction",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("event_id", Id, primary_key=True),
)

answer = Table(
    "answer",
    METADATA,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Bytes, nullable=False),
    Column("answer", Bytes, nullable=False),
    Column("at", Instant, nullable=False),
)
