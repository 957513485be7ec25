"""Logs that continue others and begin behind what is no longer held; an event may stand in two logs of its origin."""

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


def _logs() -> None:
    empty = sa.text(f"X'{_GENESIS.hex()}'" if _is_sqlite() else f"'\\x{_GENESIS.hex()}'::bytea")
    for column in (
        sa.Column("previous_epoch", sa.BigInteger(), nullable=True, comment="of the log that this one continues"),
        sa.Column("previous_seq", sa.BigInteger(), nullable=True, comment="where that one ends for its origin"),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
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


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
