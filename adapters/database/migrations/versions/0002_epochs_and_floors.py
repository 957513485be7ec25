"""Logs begin behind what is no longer held; an event may stand in two logs of its origin."""

import sqlalchemy as sa
from alembic import op

from adapters.database import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GENESIS = bytes(32)


def upgrade() -> None:
    """Bring the tables up to this revision."""
    _logs()
    _events()
    _ends_of_faults()
    _hold_audit_as_long_as_its_events()
    _event_quarantine()
    _batch_quarantine()
    _feed_load()
    _verification()
    _erasures()
    _seal()
    _pictures()


def _logs() -> None:
    empty = sa.text(f"X'{_GENESIS.hex()}'" if _is_sqlite() else f"'\\x{_GENESIS.hex()}'::bytea")
    for column in (
        sa.Column(
            "floor_seq",
            sa.BigInteger(),
            nullable=False,
            server_default=sa.text("0"),
            comment="newest event that is no longer held as an event",
        ),
        sa.Column("floor_hash", sa.LargeBinary(), nullable=False, server_default=empty),
    ):
        op.add_column("log", column)


def _events() -> None:
    """One event may stand in two logs: in the one that its origin left, and in the one that it went on with."""
    if _is_sqlite():
        with op.batch_alter_table("event", copy_from=_event_as_it_was()) as table:
            table.drop_constraint("uq_event_id", type_="unique")
    else:
        op.drop_constraint("uq_event_id", "event", type_="unique")
    op.create_index("ix_event_id", "event", ["id"], unique=False)


def _ends_of_faults() -> None:
    """A technical fault ends by itself, whoever has taken its alarm."""
    op.add_column("alarm", sa.Column("ended_at", types.Instant, nullable=True))


def _event_as_it_was() -> sa.Table:
    return sa.Table(
        "event",
        sa.MetaData(),
        sa.Column("log_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=True, comment="kept when salt and body are erased"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "seq", name="pk_event"),
        sa.UniqueConstraint("id", name="uq_event_id"),
    )


def _hold_audit_as_long_as_its_events() -> None:
    """An audit record may go when its event is not on record: one that gave way to another history, or was let go."""
    stands = (
        "EXISTS (SELECT 1 FROM log LEFT JOIN event ON event.log_id = log.id AND event.seq = OLD.seq"
        " WHERE log.origin = OLD.node AND log.epoch = OLD.epoch AND log.channel = 'audit'"
        " AND (event.seq IS NOT NULL OR OLD.seq <= log.floor_seq))"
    )
    if _is_sqlite():
        op.execute("DROP TRIGGER audit_record_no_delete")
        op.execute(
            f"CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record WHEN {stands}"
            " BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END"
        )
        return
    op.execute("DROP TRIGGER audit_record_append_only ON audit_record")
    op.execute(
        "CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR TRUNCATE ON audit_record"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_record_append_only()"
    )
    op.execute(
        "CREATE FUNCTION audit_record_stands() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {stands} THEN RAISE EXCEPTION 'audit records are only ever added'; END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_record_stands BEFORE DELETE ON audit_record"
        " FOR EACH ROW EXECUTE FUNCTION audit_record_stands()"
    )


def _event_quarantine() -> None:
    """What kept an event from being shown was not told apart: all are tried again, which tells it."""
    for name, default in (("trouble", "parked"), ("state", "held"), ("note", ""), ("settled_by", "")):
        op.add_column("event_quarantine", sa.Column(name, sa.Text(), nullable=False, server_default=default))
    op.add_column("event_quarantine", sa.Column("settled_at", types.Instant, nullable=True))


def _batch_quarantine() -> None:
    op.create_table(
        "batch_quarantine",
        sa.Column("id", types.Id, nullable=False),
        sa.Column(
            "room", sa.Text(), nullable=False, comment="whose room it takes up: a child's, or that of all strangers"
        ),
        sa.Column("child", sa.Text(), nullable=False),
        sa.Column(
            "refused", sa.Boolean(), nullable=False, comment="not for this node to take: handed back, or gave way"
        ),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("first", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", types.Instant, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_at", types.Instant, nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batch_quarantine"),
    )
    op.create_index("ix_batch_quarantine_room", "batch_quarantine", ["room", "id"], unique=False)
    op.create_table(
        "batch_quarantine_drop",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column(
            "count", sa.BigInteger(), nullable=False, comment="held batches that had to make room for newer ones"
        ),
        sa.Column("last_at", types.Instant, nullable=False, comment="when the last of them went"),
        sa.PrimaryKeyConstraint("room", name="pk_batch_quarantine_drop"),
    )


def _feed_load() -> None:
    """Snapshots on their way into the tables."""
    op.create_table(
        "feed_load",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False, comment="empty: any will do"),
        sa.Column("pieces", sa.Integer(), nullable=False, comment="how many of it are in the tables"),
        sa.Column("is_first", sa.Boolean(), nullable=False, comment="nothing of the feed stood there before"),
        sa.PrimaryKeyConstraint("feed", name="pk_feed_load"),
    )


def _verification() -> None:
    """What came of the last comparison with the parent."""
    op.create_table(
        "verification",
        sa.Column("parent", sa.Text(), nullable=False, comment="with which the node was compared"),
        sa.Column("found", sa.Text(), nullable=False, comment="what came of the last time, in JSON"),
        sa.PrimaryKeyConstraint("parent", name="pk_verification"),
    )


def _erasures() -> None:
    """What was erased, and the tombstones of it."""
    op.create_table(
        "erasure",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("erased_by", sa.Text(), nullable=False),
        sa.Column("erased_at", types.Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_table(
        "tombstone",
        sa.Column("id", types.Id, nullable=False, comment="of an event, or of what events are about"),
        sa.Column("is_event", sa.Boolean(), nullable=False),
        sa.Column("erasure_id", types.Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tombstone"),
    )
    op.create_index("ix_tombstone_erasure_id", "tombstone", ["erasure_id"], unique=False)


def _seal() -> None:
    """Which key sealed a node's events: none is known until it starts."""
    comment = "mark of the key that seals its events"
    op.add_column("node", sa.Column("seal", sa.LargeBinary(), nullable=True, comment=comment))


def _pictures() -> None:
    op.add_column("reading", sa.Column("pictures", types.Json, nullable=True))
    if _is_sqlite():
        op.create_index(
            "ix_reading_pictured",
            "reading",
            ["received_at", "id"],
            unique=False,
            sqlite_where=sa.text("pictures IS NOT NULL"),
        )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
