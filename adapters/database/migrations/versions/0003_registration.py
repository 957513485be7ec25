"""What is registered, and where: a table for each entity."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from adapters.database import types
from domain.identifiers.searching import searched

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
    _lookups()
    _entity(
        "occurrence",
        columns={"kind": "text", "lane": "text", "at": "instant", "registration_id": "id", "lasts": "flag"},
        indexes=(("node", "kind"), ("node", "lasts"), ("registration_id",)),
    )
    _organisation()
    _trains()
    _visits()


def _devices() -> None:
    """What a device says, when it is silent, and how often it was adjusted; empty for those enrolled before."""
    for column in (
        sa.Column("silent_after_seconds", sa.Float(), nullable=True),
        sa.Column("view", sa.Text(), nullable=True),
        sa.Column("direction_words", types.Json, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True, comment="none: it was never adjusted"),
    ):
        op.add_column("device", column)


def _tell_more_of_readings() -> None:
    """All that was read before is a plate."""
    op.create_index("ix_device_site_checkpoint", "device", ["site", "checkpoint"], unique=False)
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
            "received_at": "instant",
            "is_pictured": "flag",
        },
        indexes=(
            ("device", "vendor_id"),
            ("checkpoint", "at"),
            ("registration_id",),
            ("is_pictured", "received_at"),
        ),
    )
    for name in ("registration_id", "linked_registration_id"):
        op.create_index(f"ix_passage_link_{name}", "passage_link", [name], unique=False)
    _entity(
        "vehicle_pair",
        columns={"tractor": "id", "trailer": "id", "holds": "flag"},
        indexes=(("tractor",), ("trailer",)),
    )
    _entity(
        "train_sighting",
        columns={"device": "text", "vendor_id": "text", "checkpoint": "text", "train": "text", "track": "text"},
        indexes=(("device", "vendor_id"), ("node", "train")),
    )


def _trains() -> None:
    """Trains as declared, and as they passed."""
    _entity(
        "train",
        columns={"number": "text", "state": "text", "track": "text", "expected_at": "instant"},
        indexes=(("node", "state"), ("number",)),
    )
    _entity(
        "train_passage",
        columns={"checkpoint": "text", "track": "text", "number": "text", "train_id": "id"},
        indexes=(("node", "checkpoint", "track"), ("train_id",)),
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
        indexes=(("node",), ("node", "state"), ("state",), ("subsystem",)),
    )
    _entity("crossing_binding", columns={"crossing_id": "id"}, indexes=(("crossing_id",),))
    _entity("shift", columns={"state": "text", "officer": "text"}, indexes=(("node", "state"), ("officer",)))


def _lookups() -> None:
    """What registrations are found by; on PostgreSQL they stand in a part of the table for each month."""
    op.add_column(
        "registration",
        sa.Column(
            "further",
            sa.Text(),
            nullable=True,
            comment="identifiers besides the label as they are searched, a space around each",
        ),
    )
    op.add_column(
        "registration",
        sa.Column("holder", sa.Text(), nullable=True, comment="names of the traveller as they are searched"),
    )
    op.add_column(
        "registration",
        sa.Column(
            "corrections", types.Json, nullable=True, comment="null where there is none, as at all nodes of 0.1.0"
        ),
    )
    _fill_what_is_searched()
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(
            "ix_registration_further", "registration", ["id", "further"], sqlite_where=sa.text("further IS NOT NULL")
        )
    else:
        _partition_registrations()
    _sheets()
    op.create_index("ix_registration_node", "registration", ["node", "id"])
    rare = sa.text("kind NOT IN ('vehicle', 'person')")
    op.create_index(
        "ix_registration_rare_kind", "registration", ["kind", "id"], sqlite_where=rare, postgresql_where=rare
    )
    op.create_index("ix_entry_state", "entry", ["state", "id"])
    for name in ("who", "target"):
        op.drop_index(f"ix_audit_record_{name}", "audit_record")
        op.create_index(f"ix_audit_record_{name}", "audit_record", [name, "id"])
    for name, columns in {
        "registration_id": ["registration_id"],
        "state": ["state", "id"],
        "node": ["node", "id"],
    }.items():
        op.create_index(f"ix_alarm_{name}", "alarm", columns)


def _sheets() -> None:
    """The texts that a site searches; what changes a registration tears the sheet on which it is."""
    kinds = ("vehicle", "person", "wagon", "container")
    op.create_table(
        "sheet",
        sa.Column("begins", types.Id, nullable=False),
        sa.Column("ends", types.Id, nullable=False, comment="the id before which it ends, at which the next begins"),
        sa.Column("is_torn", sa.Boolean(), nullable=False, comment="has no texts; triggers see to it"),
        *(sa.Column(kind, sa.Text(), nullable=False, comment="what is searched of this kind") for kind in kinds),
        sa.PrimaryKeyConstraint("begins", name="pk_sheet"),
        comment="of a site; empty at the copies above",
    )
    if op.get_bind().dialect.name != "sqlite":
        return
    op.create_index("ix_sheet_torn", "sheet", ["begins"], sqlite_where=sa.text("is_torn = 1"))
    changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in ("id", "kind", "label", "further", "holder"))
    emptied = ", ".join(f"{kind} = ''" for kind in kinds)
    for name, when, row in (
        ("insert", "AFTER INSERT ON registration", "new"),
        ("update", f"AFTER UPDATE ON registration WHEN {changed}", "old"),
        ("delete", "AFTER DELETE ON registration", "old"),
    ):
        op.execute(
            f"CREATE TRIGGER sheet_torn_by_{name} {when} BEGIN"  # noqa: S608 - of names that stand above
            f" UPDATE sheet SET is_torn = 1, {emptied}"
            f" WHERE begins = (SELECT max(begins) FROM sheet WHERE begins <= {row}.id) AND ends > {row}.id; END"
        )


def _fill_what_is_searched() -> None:
    """Of what is on record: few have more than their label, and an update for each of them is enough."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT CAST(id AS TEXT) AS id, label, CAST(identifiers AS TEXT) AS identifiers,"
            " CAST(traveller AS TEXT) AS traveller FROM registration"
            " WHERE traveller IS NOT NULL OR CAST(identifiers AS TEXT) LIKE '%}%}%'"
        )
    )
    key = "id" if connection.dialect.name == "sqlite" else "CAST(id AS TEXT)"
    fill = sa.text(f"UPDATE registration SET further = :further, holder = :holder WHERE {key} = :id")  # noqa: S608 - one of two words
    for row in found.mappings().fetchall():
        try:
            connection.execute(fill, {"id": row["id"], **_searched_of(row)})
        except (AttributeError, KeyError, TypeError):
            continue  # what is not of this shape has no names to be searched for


def _searched_of(row: Any) -> dict[str, str | None]:
    read = [each["canonical"] for each in json.loads(row["identifiers"])]
    forms = dict.fromkeys(form for each in read for form in (each, searched(each)) if form != row["label"])
    traveller = json.loads(row["traveller"] or "null")
    return {
        "further": f" {' '.join(forms)} " if forms else None,
        "holder": searched(traveller["surname"] + traveller["given_names"]) if traveller else None,
    }


def _partition_registrations() -> None:
    """What is on record comes into the part for all other times; the parts of the months are made at every start."""
    sought = "label || coalesce(further, '') || coalesce(' ' || holder, '')"
    words = "((string_to_array(further, ' '))) WHERE further IS NOT NULL"
    for statement in (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE EXTENSION IF NOT EXISTS btree_gin",
        "ALTER TABLE registration RENAME TO registration_other",
        "ALTER TABLE registration_other RENAME CONSTRAINT pk_registration TO pk_registration_other",
        "ALTER INDEX ix_registration_label RENAME TO ix_registration_other_label",
        "CREATE TABLE registration (LIKE registration_other INCLUDING COMMENTS) PARTITION BY RANGE (id)",
        "ALTER TABLE registration ADD CONSTRAINT pk_registration PRIMARY KEY (id)",
        "CREATE INDEX ix_registration_label ON registration (label, id)",
        "ALTER TABLE registration ATTACH PARTITION registration_other DEFAULT",
        f"CREATE INDEX ix_registration_parts ON registration USING gin (({sought}) gin_trgm_ops, node, kind)",
        f"CREATE INDEX ix_registration_words ON registration USING gin {words}",
    ):
        op.execute(statement)


def _visits() -> None:
    _entity(
        "visit",
        columns={
            "state": "text",
            "direction": "text",
            "tractor": "text",
            "trailer": "text",
            "checkpoint": "text",
            "last_at": "instant",
            "overdue": "flag",
            "plates": "text",
        },
        indexes=(("node",), ("node", "state"), ("node", "tractor"), ("node", "trailer"), ("state",)),
    )


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
