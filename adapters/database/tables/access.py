"""The audit trail: rows are only ever added, which triggers hold."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Bytes, Id, Instant, Json

audit_record = Table(
    "audit_record",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("node", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Bytes, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)
Index("ix_audit_record_node_epoch_seq", audit_record.c.node, audit_record.c.epoch, audit_record.c.seq, unique=True)
Index("ix_audit_record_who", audit_record.c.who, audit_record.c.id)
Index("ix_audit_record_target", audit_record.c.target, audit_record.c.id)
