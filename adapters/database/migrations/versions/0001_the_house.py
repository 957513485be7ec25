"""The house."""

import sqlalchemy as sa
from alembic import op

from adapters.database import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    _logs()
    _crossings()
    _watchlist()
    _alarms()
    _organisation()
    _access()
    _hold_audit_append_only()


def _logs() -> None:
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="newest event held"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="of the chain at seq"),
        sa.Column("projected", sa.BigInteger(), nullable=False, comment="newest event that shows in the tables"),
        sa.Column("parent_seq", sa.BigInteger(), nullable=False, comment="newest event that the parent has committed"),
        sa.Column("parent_hash", sa.LargeBinary(), nullable=False),
        sa.Column("centre_seq", sa.BigInteger(), nullable=False, comment="newest event that the centre has committed"),
        sa.Column("centre_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "via", sa.Text(), nullable=True, comment="neighbour through which the log arrives, none for the node's own"
        ),
        sa.Column("arrived", sa.Boolean(), nullable=False, comment="all of it has come from there once"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log")),
        sa.UniqueConstraint("origin", "epoch", "channel", name=op.f("uq_log_origin_epoch_channel")),
    )
    op.create_table(
        "event",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=True, comment="kept when salt and body are erased"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
    )
    op.create_table(
        "event_quarantine",
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", types.Instant, nullable=False),
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_event_quarantine")),
    )
    op.create_table(
        "node",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_node")),
    )
    op.create_table(
        "reaction",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event_id", types.Id, nullable=False),
        sa.PrimaryKeyConstraint("name", "event_id", name=op.f("pk_reaction")),
    )
    op.create_table(
        "answer",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", types.Instant, nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_answer")),
    )


def _crossings() -> None:
    op.create_table(
        "reading",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("passage_id", types.Id, nullable=False),
        sa.Column("registration_id", types.Id, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("vendor_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("plate_raw", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("seen_at", types.Instant, nullable=False),
        sa.Column("device_time", types.Instant, nullable=True),
        sa.Column("received_at", types.Instant, nullable=False),
        sa.Column("retransmitted", sa.Boolean(), nullable=False),
        sa.Column("device_direction", sa.Text(), nullable=True),
        sa.Column("vehicle_type", sa.Text(), nullable=True),
        sa.Column("make", sa.Text(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_reading_checkpoint_seen_at", "reading", ["checkpoint", "seen_at"], unique=False)
        op.create_index("ix_reading_device_vendor_id", "reading", ["device", "vendor_id"], unique=True)
    op.create_index("ix_reading_registration_id", "reading", ["registration_id"], unique=False)
    op.create_table(
        "registration",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("seen_at", types.Instant, nullable=False),
        sa.Column("registered_at", types.Instant, nullable=False),
        sa.Column("device_time", types.Instant, nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("passage_id", types.Id, nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("identifiers", types.Json, nullable=False),
        sa.Column("traveller", types.Json, nullable=True),
        sa.Column("failed_checks", types.Json, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("list_version", types.Json, nullable=False),
        sa.Column("matches", types.Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_label", "registration", ["label", "id"], unique=False)
    op.create_table(
        "passage_link",
        sa.Column("linked_passage_id", types.Id, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("passage_id", types.Id, nullable=False),
        sa.Column("registration_id", types.Id, nullable=False),
        sa.Column("linked_registration_id", types.Id, nullable=False),
        sa.PrimaryKeyConstraint("linked_passage_id", name=op.f("pk_passage_link")),
    )
    op.create_table(
        "quarantined_push",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("received_at", types.Instant, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_push")),
    )
    op.create_index("ix_quarantined_push_device_digest", "quarantined_push", ["device", "digest"], unique=False)
    op.create_table(
        "push_body",
        sa.Column("push_id", types.Id, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("push_id", name=op.f("pk_push_body")),
    )
    op.create_table(
        "quarantine_tally",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("full_since", types.Instant, nullable=True),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_quarantine_tally")),
    )
    op.create_table(
        "push_refusal",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column(
            "refused",
            sa.BigInteger(),
            nullable=False,
            comment="pushes that were not kept; counted here, no event tells it",
        ),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_push_refusal")),
    )


def _watchlist() -> None:
    op.create_table(
        "entry",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("valid_until", types.Instant, nullable=False),
        sa.Column("criteria", types.Json, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant, nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("approved_at", types.Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_table(
        "criterion",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("entry_id", types.Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
    )
    op.create_index("ix_criterion_entry_id", "criterion", ["entry_id"], unique=False)
    op.create_index("ix_criterion_kind_folded", "criterion", ["kind", "folded"], unique=False)


def _alarms() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("registration_id", types.Id, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("raised_at", types.Instant, nullable=False),
        sa.Column("match", types.Json, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", types.Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index("ix_alarm_label_cause", "alarm", ["label", "cause"], unique=False)


def _organisation() -> None:
    op.create_table(
        "device",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("merge_window_seconds", sa.Float(), nullable=False),
        sa.Column("withdrawn_at", types.Instant, nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_device")),
    )


def _access() -> None:
    op.create_table(
        "audit_record",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", types.Instant, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("roles", types.Json, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
    )
    op.create_index("ix_audit_record_node_epoch_seq", "audit_record", ["node", "epoch", "seq"], unique=True)
    op.create_index("ix_audit_record_target", "audit_record", ["target"], unique=False)
    op.create_index("ix_audit_record_who", "audit_record", ["who"], unique=False)


def _hold_audit_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_record_no_{act.lower()} BEFORE {act} ON audit_record"
                " BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_record_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'audit records are only ever added'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_record_append_only()"
    )
