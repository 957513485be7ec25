"""A year of registrations, made up once by bulk load: a few thousand vehicles that come daily, many that come once.

Names follow Zipf's law over a few hundred surnames; a third of what is on record is persons. What is there already is
left as it is, month by month, so that an interrupted load goes on where it was. ``python -m bench.year`` makes it ahead
of a measurement, in ``CAIFS_YEAR_FOLDER``; ``CAIFS_YEAR_ROWS`` says how many registrations it has.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg

from adapters.database import sheets
from adapters.database.partitions import Month, months_around
from adapters.database.schema import migrate_postgres, migrate_sqlite
from adapters.database.sqlite import SqliteDatabase
from adapters.database.statements import SQLITE, insertion
from adapters.database.tables.registrations import registration
from sites.servers.postgres import PostgresServer

ROWS: Final = int(os.environ.get("CAIFS_YEAR_ROWS", "20000000"))
SITE_ROWS: Final = int(os.environ.get("CAIFS_YEAR_SITE_ROWS", str(max(1, ROWS // 20))))
FOLDER: Final = Path(os.environ.get("CAIFS_YEAR_FOLDER", tempfile.gettempdir())) / f"caifs-year-{ROWS}"
SITE_FILE: Final = FOLDER / "site.sqlite"
_SETTINGS: Final = {"max_wal_size": "8GB", "shared_buffers": "4GB", "effective_cache_size": "12GB"}
"""As an operator sets them for a centre (`docs/operating.md`)."""
MONTHS = 12
_AT_ONCE = 10_000
_WORKERS = 2

_SITES = (
    "array['terespol','koroszczyn','dorohusk','hrebenne','medyka','korczowa','kuznica','bobrowniki','budomierz',"
    "'zosin','dolhobyczow','kroscienko','malaszewicze','grzechotki']"
)
_DISTRICTS = "array['LUB','LBI','LC','LZ','LHR','BIA','BS','WA','WB','WPI','KR','RZE','PP','PO','GD','SK','EL','DW']"
_STARTS = "array['KOWAL','NOWA','WIS','LEWAN','ZIEL','SZYM','WOZ','DAB','KOZ','JAN','MAZ','KRAW','PIO','GRAB','PAW']"
_ENDS = "array['SKI','CZYK','AK','EK','ENKO','UK','CKI','OWICZ','IUK','ECKI','OWSKI','INA','ARZ','AS','YCZ','CHUK']"
_GIVEN = "array['JAN','ANNA','PIOTR','OLENA','IVAN','MARIA','PAWEL','OKSANA','ANDRII','KATARZYNA','MYKOLA','EWA']"
_VERSION = ", ".join(
    f'{{"feed": "watchlist.{feed}", "epoch": 1, "seq": 48213, "hash": "{"ab" * 32}"}}' for feed in ("pl", "lublin")
)

# A tenth of the traffic is 4,000 vehicles and persons that come daily, half of it 2,000,000 that come now and then.
_DRAWN = f"""
WITH drawn AS (
  SELECT $1::bigint + g * $2::double precision AS ms, md5(g::text || $1::text) AS h, random() AS r, random() AS s,
    random() AS z, random() AS y, random() < 0.33 AS person, random() < 0.05 AS second
  FROM generate_series(0, $3::bigint - 1) AS g
), numbered AS (
  SELECT *, CASE WHEN r < 0.1 THEN floor(s * 4000)::bigint WHEN r < 0.6 THEN 4000 + floor(s * 2000000)::bigint
    ELSE 2004000 + floor(s * 1e12)::bigint END AS n FROM drawn
), called AS (
  SELECT *, md5('v' || n) AS o FROM numbered
), labelled AS (
  SELECT *, ('x' || substr(o, 1, 7))::bit(28)::int AS o1, ('x' || substr(o, 8, 7))::bit(28)::int AS o2 FROM called
), named AS (
  SELECT *, CASE WHEN person THEN chr(65 + o1 % 26) || chr(65 + o2 % 26) || lpad((o1 % 10000000)::text, 7, '0')
    WHEN o1 % 3 = 0 THEN 'BC' || lpad((o2 % 10000)::text, 4, '0') || chr(65 + o1 / 3 % 26) || chr(65 + o1 / 78 % 26)
    ELSE ({_DISTRICTS})[1 + o1 % 18] || lpad((o2 % 100000)::text, 5, '0') END AS label,
    ({_STARTS})[1 + floor(exp(ln(15) * z))::int % 15] || ({_ENDS})[1 + floor(exp(ln(16) * y))::int % 16] AS surname,
    ({_GIVEN})[1 + o2 % 12] AS given, 'RZE' || lpad((o2 / 7 % 100000)::text, 5, '0') AS trailer
  FROM labelled
)
SELECT (lpad(to_hex(ms::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid,
  ({_SITES})[1 + floor(14 * s * s)::int % 14], CASE WHEN person THEN 'person' ELSE 'vehicle' END,
  'lane-' || 1 + o1 % 6, CASE WHEN o2 % 2 = 0 THEN 'inbound' ELSE 'outbound' END, 'device', 'cam-1',
  to_timestamp(ms / 1000), to_timestamp(ms / 1000 + 1), NULL, false,
  (lpad(to_hex(ms::bigint), 12, '0') || '7' || substr(h, 19, 3) || '8' || substr(h, 4, 15))::uuid, label,
  jsonb_build_array(jsonb_build_object('kind', CASE WHEN person THEN 'document' ELSE 'plate' END, 'raw', label,
    'canonical', label, 'folded', label, 'country', 'POL', 'check', 'none', 'why', NULL)) ||
    CASE WHEN second AND NOT person THEN jsonb_build_array(jsonb_build_object('kind', 'plate', 'raw', trailer,
      'canonical', trailer, 'folded', trailer, 'country', 'PL', 'check', 'none', 'why', NULL)) ELSE '[]' END,
  CASE WHEN person THEN jsonb_build_object('surname', surname, 'given_names', given, 'nationality', 'UKR',
    'birth_date', '1980-01-01', 'sex', 'X') END,
  '[]', 'checked', '', '[{_VERSION}]', '[]',
  CASE WHEN second AND NOT person THEN ' ' || trailer || ' ' END, CASE WHEN person THEN surname || given END
FROM named
"""  # noqa: S608 - of nothing but what stands above


# Of each two registrations of a month that follow one another one is the driver, or whatever, of the other.
_CROSS = """
INSERT INTO crossing
SELECT id, node, 'released', 'SOC-O', lane, jsonb_build_object('id', id, 'node', node, 'subsystem', 'SOC-O',
  'opened_by', 'anna', 'opened_at', seen_at, 'state', 'released', 'parts', jsonb_build_object('members',
    jsonb_build_array(jsonb_build_object('registration_id', id, 'role', 'car'),
      jsonb_build_object('registration_id', other, 'role', 'driver'))))
FROM (
  SELECT *, lead(id) OVER (ORDER BY id) AS other, row_number() OVER (ORDER BY id) AS n FROM registration WHERE id >= $1
) AS following
WHERE n % 2 = 1 AND other IS NOT NULL
"""
_BIND = """
INSERT INTO crossing_binding
SELECT (member->>'registration_id')::uuid, node, crossing.id, jsonb_build_object('id', member->>'registration_id',
  'node', node, 'crossing_id', crossing.id, 'role', member->>'role')
FROM crossing, jsonb_array_elements(body->'parts'->'members') AS member
"""


@asynccontextmanager
async def year() -> AsyncIterator[str]:
    """Start a server with the year at a centre, and have the file of a site beside it; yield the server's URL."""
    server = PostgresServer(FOLDER, durable=False, settings=_SETTINGS)
    url = server.start()
    try:
        await migrate_postgres(url)
        await fill_postgres(url, ROWS)
        await fill_sqlite(SITE_FILE, url, SITE_ROWS)
        await _warm(url)
        yield url
    finally:
        server.stop()


async def _warm(url: str) -> None:
    """Bring the indexes into memory, where a server that has run for a while has them; rows come from the disk."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        await connection.execute("SELECT pg_prewarm(indexrelid) FROM pg_stat_user_indexes")
    finally:
        await connection.close()


async def fill_postgres(url: str, rows: int) -> None:
    """Bring ``rows`` registrations of the last twelve months into the migrated database at ``url``."""
    pool = await asyncpg.create_pool(url, min_size=_WORKERS, max_size=_WORKERS, command_timeout=None)
    try:
        now = await pool.fetchval("SELECT now()")
        wanted = [month for month in months_around(now) if month <= Month.of(now)][-MONTHS:]
        missing = [each for each in wanted if await _is_empty(pool, each)]
        turn = asyncio.Lock()
        await asyncio.gather(*(_fill(pool, turn, month, rows // MONTHS) for month in missing))
        if missing or not await pool.fetchval("SELECT EXISTS (SELECT 1 FROM crossing_binding)"):
            await pool.execute("TRUNCATE crossing, crossing_binding")
            await pool.execute(_CROSS, wanted[-1].first_id)
            await pool.execute(_BIND)
            await pool.execute("VACUUM ANALYZE")
    finally:
        await pool.close()


async def _is_empty(pool: asyncpg.Pool, month: Month) -> bool:
    return not await pool.fetchval(f"SELECT EXISTS (SELECT 1 FROM {month.part})")  # noqa: S608 - a name of ours


async def _fill(pool: asyncpg.Pool, turn: asyncio.Lock, month: Month, rows: int) -> None:
    """Make the part of a month anew, filled, and let it be indexed as it comes to the others, one at a time."""
    begins, ends = month.first_id, month.plus(1).first_id
    first, last = (int(one.replace("-", "")[:12], 16) for one in (begins, ends))
    loading = f"{month.part}_loading"
    async with pool.acquire() as connection:
        await connection.execute(f"DROP TABLE IF EXISTS {loading}")
        await connection.execute(f"CREATE UNLOGGED TABLE {loading} (LIKE registration)")
        await connection.execute(f"INSERT INTO {loading} {_DRAWN}", first, (last - first) / rows, rows)
        async with turn, connection.transaction():
            for statement in (
                "SET LOCAL maintenance_work_mem = '1GB'",
                f"DROP TABLE {month.part}",
                f"ALTER TABLE {loading} RENAME TO {month.part}",
                f"ALTER TABLE registration ATTACH PARTITION {month.part} FOR VALUES FROM ('{begins}') TO ('{ends}')",
            ):
                await connection.execute(statement)


async def draw(url: str, size: int) -> list[str]:
    """Return the ids of registrations drawn from all, the same ones only by chance."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT id FROM registration TABLESAMPLE SYSTEM (0.1) ORDER BY random() LIMIT $1", size
        )
        return [str(row["id"]) for row in rows]
    finally:
        await connection.close()


def draw_sqlite(path: Path, size: int) -> list[str]:
    """Return the same of a site's file."""
    with closing(sqlite3.connect(path)) as file:
        return [key for (key,) in file.execute("SELECT id FROM registration ORDER BY random() LIMIT ?", (size,))]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


async def fill_sqlite(path: Path, url: str, rows: int) -> None:
    """Make a site's file of ``rows`` registrations from all the year of the filled database at ``url``."""
    if not await asyncio.to_thread(path.exists):
        made = await asyncio.to_thread(_empty_file, path.with_suffix(".part"))
        await _copy(made, url, rows)
        await _write_sheets(made)
        await asyncio.to_thread(made.rename, path)


def _empty_file(path: Path) -> Path:
    path.unlink(missing_ok=True)
    migrate_sqlite(path)
    return path


async def _write_sheets(made: Path) -> None:
    database = SqliteDatabase(made)
    await database.open()
    try:
        while await database.write(sheets.write_one):
            pass
    finally:
        await database.close()


async def _copy(made: Path, url: str, rows: int) -> None:
    columns = ", ".join(column.name for column in registration.columns)
    drawn = f"('x' || right(id::text, 7))::bit(28)::int % {max(1, ROWS // rows)} = 0"
    query = f"SELECT {columns} FROM registration WHERE {drawn} ORDER BY id LIMIT $1"  # noqa: S608 - names of columns
    connection = await asyncpg.connect(url)
    try:
        with closing(sqlite3.connect(made)) as file:
            async with connection.transaction():
                cursor = await connection.cursor(query, rows)
                while page := await cursor.fetch(_AT_ONCE):
                    file.executemany(insertion(registration, SQLITE), ([_plain(each) for each in row] for row in page))
            file.commit()
    finally:
        await connection.close()


async def _make() -> None:
    async with year():
        pass


if __name__ == "__main__":
    asyncio.run(_make())
