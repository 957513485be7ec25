"""Alarms as they stand."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Id, Instant, Json

alarm = Table(
    "alarm",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("node", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("registration_id", Id, nullable=True),
    Column("priority", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("match", Json, nullable=True),
    Column("state", Text, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("acknowledged_by", Text, nullable=False),
    Column("acknowledged_at", Instant, nullable=True),
    Column("ended_at", Instant, nullable=True),
)
Index("ix_alarm_label_cause", alarm.c.label, alarm.c.cause)
Index("ix_alarm_registration_id", alarm.c.registration_id)
Index("ix_alarm_state", alarm.c.state, alarm.c.id)
Index("ix_alarm_node", alarm.c.node, alarm.c.id)
