"""Registrations on PostgreSQL stand in parts by month; a part that is made late takes over what is its."""

from datetime import UTC, datetime

import asyncpg

from adapters.database.partitions import Month
from adapters.database.schema import make_parts
from domain.shared.ids import first_id
from tests.contracts.databases import fresh_database
from tests.postgres import Postgres

ROW = (
    "INSERT INTO registration (id, node, kind, lane, direction, source, registered_by, seen_at, registered_at, late,"
    " label, identifiers, failed_checks, outcome, reason, list_version, matches)"
    " VALUES ($1, 'n', 'vehicle', 'l', 'inbound', 'device', 'c', now(), now(), false,"
    " 'X', '[]', '[]', 'c', '', '[]', '[]')"
)
WHERE = "SELECT tableoid::regclass::text FROM registration WHERE id = $1"


async def test_a_part_takes_over_what_came_before_it(postgres_server: Postgres) -> None:
    url = await fresh_database(postgres_server)
    connection = await asyncpg.connect(url)
    month = Month.of(await connection.fetchval("SELECT now()"))
    own, wrong = month.first_id, first_id(datetime(1999, 1, 1, tzinfo=UTC))
    await connection.execute(f"DROP TABLE {month.part}")
    for key in (own, wrong):
        await connection.execute(ROW, key)
    assert await connection.fetchval(WHERE, own) == "registration_other"

    await make_parts(url)
    assert [await connection.fetchval(WHERE, key) for key in (own, wrong)] == [month.part, "registration_other"]
    await connection.close()


def test_months_follow_each_other_over_the_turn_of_the_year() -> None:
    december = Month(year=2026, month=12)
    assert (december.plus(1), december.plus(-12)) == (Month(year=2027, month=1), Month(year=2025, month=12))
    assert december.part == "registration_y2026m12"
