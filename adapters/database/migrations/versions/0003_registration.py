"""What is registered, and where: a table for each entity."""

import sqlalchemy as sa
from alembic import op

from adapters.database import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TYPES = {"text": sa.Text(), "id": types.Id, "instant": types.Instant, "number": sa.BigInteger(), "flag": sa.Boolean()}


def upgrade() -> None:
    """Bring the tables up to this revision."""
    _devices()
    _tell_more_of_readings()
    _states_of_devices()
    _entity(
        "occurrence",
        columns={"kind": "text", "lane": "text", "at": "instant", "registration_id": "id"},
        indexes=(("node", "kind"), ("registration_id",)),
    )
    _organisation()


def _devices() -> None:
    """What a device says and when it is silent; empty for those enrolled before."""
    for column in (
        sa.Column("silent_after_seconds", sa.Float(), nullable=True),
        sa.Column("view", sa.Text(), nullable=True),
        sa.Column("direction_words", types.Json, nullable=True),
    ):
        op.add_column("device", column)


def _tell_more_of_readings() -> None:
    """All that was read before is a plate."""
    op.add_column("reading", sa.Column("kind", sa.Text(), nullable=False, server_default="plate"))
    for name in ("train", "track", "view"):
        op.add_column("reading", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("reading", sa.Column("position", sa.BigInteger(), nullable=True))
    _entity(
        "measurement",
        columns={
            "device": "text",
            "vendor_id": "text",
            "checkpoint": "text",
            "at": "instant",
            "registration_id": "id",
        },
        indexes=(("device", "vendor_id"), ("checkpoint", "at"), ("registration_id",)),
    )
    _entity(
        "train_sighting",
        columns={"device": "text", "vendor_id": "text", "checkpoint": "text", "train": "text", "track": "text"},
        indexes=(("device", "vendor_id"), ("node", "train")),
    )


def _organisation() -> None:
    """What everybody knows of units, posts and traffic, and the ground plan of each site."""
    _entity(
        "unit",
        key="code",
        owner="scope",
        columns={"kind": "text", "parent": "text", "customs_code": "text"},
        indexes=(("parent",), ("customs_code",)),
    )
    _entity(
        "post",
        key="code",
        owner="scope",
        columns={"border": "text", "unit": "text"},
        indexes=(("border",), ("unit",)),
    )
    _entity(
        "permitted_traffic",
        owner="scope",
        columns={"post": "text", "valid_from": "instant"},
        indexes=(("post",),),
    )
    _entity(
        "site",
        key="code",
        owner="scope",
        columns={"post": "text", "unit": "text"},
        indexes=(("post",), ("unit",)),
    )
    _ground_plan()


def _ground_plan() -> None:
    _entity(
        "lane",
        owner="site",
        columns={"code": "text", "post": "text"},
        indexes=(("site", "code"), ("post",)),
    )
    _entity("checkpoint", owner="site", columns={"code": "text", "lane": "text"}, indexes=(("site", "code"),))
    _entity(
        "leg",
        owner="site",
        columns={"origin": "text", "target": "text"},
        indexes=(("site", "origin"), ("site", "target")),
    )


def _states_of_devices() -> None:
    op.create_table(
        "device_contact",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("heard_at", types.Instant, nullable=False),
        sa.Column("pushes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", name="pk_device_contact"),
    )
    _entity("device_state", key="code", columns={})
    _crossings()


def _crossings() -> None:
    _entity(
        "crossing",
        columns={"state": "text", "subsystem": "text", "lane": "text"},
        indexes=(("node", "state"), ("state",)),
    )
    _entity("crossing_binding", columns={"crossing_id": "id"}, indexes=(("crossing_id",),))


def _entity(
    name: str,
    *,
    key: str = "id",
    owner: str = "node",
    columns: dict[str, str],
    indexes: tuple[tuple[str, ...], ...] = (),
) -> None:
    op.create_table(
        name,
        sa.Column(key, types.Id if key == "id" else sa.Text(), nullable=False),
        sa.Column(owner, sa.Text(), nullable=False),
        *(sa.Column(column, _TYPES[kind], nullable=True) for column, kind in columns.items()),
        sa.Column("body", types.Json, nullable=False),
        sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
    )
    for names in indexes:
        op.create_index(f"ix_{name}_{'_'.join(names)}", name, [*names, key], unique=False)
