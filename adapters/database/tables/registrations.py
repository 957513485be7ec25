"""Readings, registrations, links between passages, and pushes in quarantine."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    Table,
    Text,
    func,
    literal_column,
    text,
)

from adapters.database.tables.metadata import METADATA
from adapters.database.types import Bytes, Id, Instant, Json
from domain.registrations.model import ObjectKind

reading = Table(
    "reading",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("node", Text, nullable=False),
    Column("passage_id", Id, nullable=False),
    Column("registration_id", Id, nullable=False),
    Column("device", Text, nullable=False),
    Column("vendor_id", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("checkpoint", Text, nullable=False),
    Column("plate", Text, nullable=False),
    Column("plate_raw", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("country", Text, nullable=True),
    Column("confidence", Float, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("device_time", Instant, nullable=True),
    Column("received_at", Instant, nullable=False),
    Column("retransmitted", Boolean, nullable=False),
    Column("device_direction", Text, nullable=True),
    Column("vehicle_type", Text, nullable=True),
    Column("make", Text, nullable=True),
    Column("colour", Text, nullable=True),
    Column("pictures", Json, nullable=True),
    Column("kind", Text, nullable=False, server_default="plate"),
    Column("train", Text, nullable=True),
    Column("track", Text, nullable=True),
    Column("view", Text, nullable=True),
    Column("position", BigInteger, nullable=True),
)
# Only a site merges readings; the copies above it are looked up by registration.
_AT_SITES = {"dialect": "sqlite"}
Index("ix_reading_device_vendor_id", reading.c.device, reading.c.vendor_id, unique=True, info=_AT_SITES).ddl_if(
    "sqlite"
)
Index("ix_reading_checkpoint_seen_at", reading.c.checkpoint, reading.c.seen_at, info=_AT_SITES).ddl_if("sqlite")
Index("ix_reading_registration_id", reading.c.registration_id)
Index(
    "ix_reading_pictured",
    reading.c.received_at,
    reading.c.id,
    sqlite_where=reading.c.pictures.is_not(None),
    info=_AT_SITES,
).ddl_if("sqlite")

registration = Table(
    "registration",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("node", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("device_time", Instant, nullable=True),
    Column("late", Boolean, nullable=False),
    Column("passage_id", Id, nullable=True),
    Column("label", Text, nullable=False),
    Column("identifiers", Json, nullable=False),
    Column("traveller", Json, nullable=True),
    Column("failed_checks", Json, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("list_version", Json, nullable=False),
    Column("matches", Json, nullable=False),
    Column(
        "further",
        Text,
        nullable=True,
        comment="identifiers besides the label as they are searched, a space around each",
    ),
    Column("holder", Text, nullable=True, comment="names of the traveller as they are searched"),
    Column("corrections", Json, nullable=True, comment="null where there is none, as at all nodes of 0.1.0"),
    postgresql_partition_by="RANGE (id)",
)
Index("ix_registration_label", registration.c.label, registration.c.id)
Index("ix_registration_node", registration.c.node, registration.c.id)
OF_RARE_KIND: Final = text("kind NOT IN ('vehicle', 'person')")
"""Said beside a kind, so that the newest of it are found by an index, which the others need not be in."""

Index(
    "ix_registration_rare_kind",
    registration.c.kind,
    registration.c.id,
    sqlite_where=OF_RARE_KIND,
    postgresql_where=OF_RARE_KIND,
)
_NONE, _SPACE = literal_column("''", Text), literal_column("' '", Text)
SEARCHED: Final = (registration.c.label, registration.c.further, registration.c.holder)
"""In these a part is looked for."""


def searched_in(columns: Any) -> ColumnElement[str]:
    """Return all that is searched of a registration as one text, from the columns `SEARCHED`."""
    further, holder = func.coalesce(columns.further, _NONE), func.coalesce(_SPACE + columns.holder, _NONE)
    found: ColumnElement[str] = columns.label + further + holder
    return found


OF_EXPRESSIONS: Final = ("ix_registration_parts", "ix_registration_words")
"""Indexes at the copies above a site: parts in `searched_in`, with node and kind; single words of `further`.
Tables as they are found cannot be compared by expressions, so migrations alone know them."""

Index(
    "ix_registration_further",
    registration.c.id,
    registration.c.further,
    sqlite_where=registration.c.further.is_not(None),
    info=_AT_SITES,
).ddl_if("sqlite")

sheet = Table(
    "sheet",
    METADATA,
    Column("begins", Id, primary_key=True),
    Column("ends", Id, nullable=False, comment="the id before which it ends, at which the next begins"),
    Column("is_torn", Boolean, nullable=False, comment="has no texts; triggers see to it"),
    *(Column(kind.value, Text, nullable=False, comment="what is searched of this kind") for kind in ObjectKind),
    comment="of a site; empty at the copies above",
)
Index("ix_sheet_torn", sheet.c.begins, sqlite_where=text("is_torn = 1"), info=_AT_SITES).ddl_if("sqlite")

passage_link = Table(
    "passage_link",
    METADATA,
    Column("linked_passage_id", Id, primary_key=True),
    Column("node", Text, nullable=False),
    Column("passage_id", Id, nullable=False),
    Column("registration_id", Id, nullable=False),
    Column("linked_registration_id", Id, nullable=False),
)
Index("ix_passage_link_registration_id", passage_link.c.registration_id)
Index("ix_passage_link_linked_registration_id", passage_link.c.linked_registration_id)

quarantined_push = Table(
    "quarantined_push",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("node", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
)

Index("ix_quarantined_push_device_digest", quarantined_push.c.device, quarantined_push.c.digest)

push_body = Table(
    "push_body",
    METADATA,
    Column("push_id", Id, primary_key=True),
    Column("body", Bytes, nullable=False),
)

quarantine_tally = Table(
    "quarantine_tally",
    METADATA,
    Column("device", Text, primary_key=True),
    Column("node", Text, nullable=False),
    Column("held", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("full_since", Instant, nullable=True),
)

push_refusal = Table(
    "push_refusal",
    METADATA,
    Column("device", Text, primary_key=True),
    Column("refused", BigInteger, nullable=False, comment="pushes that were not kept; counted here, no event tells it"),
)
