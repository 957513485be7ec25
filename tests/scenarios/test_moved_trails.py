"""A site loses its database and moves: a part of its audit trail is at the centre alone, which is no difference."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from domain.shared.actors import Role
from sites.demo.comparison import compare
from sites.demo.node import Node
from sites.demo.topology import Topology
from sites.demo.waiting import until
from sites.equality.stored import stored
from sites.servers.postgres import PostgresServer
from tests.scenarios.families import strangers
from tests.scenarios.test_moves import CENTRE, OLD, PLANS, SITE, Country
from tests.scenarios.test_verify import deletion, is_put_right, keys, spoil, told, verify

pytestmark = [pytest.mark.scenario, pytest.mark.asyncio(loop_scope="session")]

LOOK = "query Look { registrations(first: 10) { edges { node { label } } } }"
TRAIL = f"""SELECT epoch, event.seq, CAST(event.id AS TEXT) AS id FROM event JOIN log ON log.id = event.log_id
WHERE origin = '{SITE}' AND channel = 'audit' ORDER BY epoch, event.seq"""  # noqa: S608 - of this file

Place = tuple[int, int]


@pytest_asyncio.fixture(loop_scope="session")
async def country(http: httpx.AsyncClient, tmp_path: Path) -> AsyncIterator[Country]:
    plans = {code: PLANS[code] for code in (CENTRE, OLD, SITE)}
    topology = Topology(Path(tempfile.mkdtemp(prefix="caifs-scenarios-")), http, plans)
    topology.nodes = {**topology.nodes, SITE: strangers(topology.nodes[SITE])}
    country = Country(topology, http, tmp_path)
    try:
        for code in (CENTRE, OLD):
            country.node(code).start()
        await asyncio.gather(*(country.node(code).ready(http) for code in (CENTRE, OLD)))
        yield country
    finally:
        await asyncio.to_thread(topology.stop)
        await asyncio.to_thread(topology.remove)


async def trail(node: Node) -> set[Place]:
    """Return where the events of the site's audit trail stand that a node holds."""
    async with stored(node.database) as database:
        return {(row["epoch"], row["seq"]) async for row in database.rows(TRAIL)}


async def look(country: Country, times: int) -> None:
    """Have somebody look at what the site registered, which goes on audit."""
    officer = country.topology.desk(SITE, "anna", (Role.OFFICER,))
    for _ in range(times):
        await officer.look(LOOK)


async def has_trail(country: Country, *codes: str) -> bool:
    own = await trail(country.node(SITE))
    return all([own <= await trail(country.node(code)) for code in codes])


async def arrive(country: Country, *codes: str) -> None:
    await country.holds_all(*codes)
    await until(partial(has_trail, country, *codes), "all that the site has on audit is above")


def copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


async def come_back_without_the_last(country: Country, backup: Path) -> None:
    """The site moves to the centre, loses what it recorded there, and comes back to the region."""
    country.take(country.invite(OLD), how="join")
    await country.run(SITE)
    await country.topology.lists_arrived(SITE)
    await country.pass_one(await country.seek())
    await look(country, 3)
    await arrive(country, CENTRE, OLD)
    await country.move(CENTRE)
    country.revoke(OLD)
    file = country.node(SITE).database_file
    copied(file, backup)
    await look(country, 3)
    await country.pass_one(await country.seek())
    await arrive(country, CENTRE)
    await country.stop(SITE)
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    copied(backup, file)
    await country.move(OLD)
    country.revoke(CENTRE)
    await country.pass_one(await country.seek())
    await look(country, 2)
    await arrive(country, CENTRE, OLD)


async def test_a_site_that_lost_its_database_and_moved_is_equal_and_damage_to_its_trail_is_told(
    country: Country, tmp_path: Path
) -> None:
    await come_back_without_the_last(country, tmp_path / "backup.sqlite")
    centre, region, site = (country.node(code) for code in (CENTRE, OLD, SITE))
    assert await trail(centre) > await trail(region)
    for node in (site, region):
        status, found = await verify(node)
        assert (status, found["differences"], found["notCompared"]) == (0, [], []), node.code

    shown = await keys(region, "audit_record", f"node = '{SITE}'")
    for key in (shown[0], shown[-1]):
        await spoil(region, deletion("audit_record", key))
        await is_put_right(region, {("audit_record", key, "MISSING", "HERE")})
    await spoil(centre, deletion("audit_record", shown[0]))
    status, found = await verify(region)
    assert (status, told(found)) == (1, {("audit_record", shown[0], "MISSING", "THERE")})

    await asyncio.to_thread(country.topology.stop)
    servers = [PostgresServer(node.state) for node in (centre, region)]
    try:
        for server in servers:
            server.start()
        site.plan = replace(site.plan, parent=OLD)
        differing = {
            name: differences for name, differences in (await compare(country.topology)).items() if differences
        }
        told_of = {(one.table, one.count) for differences in differing.values() for one in differences}
        assert told_of == {("audit_record", 1)}
        assert differing.keys() == {f"{CENTRE} against {other}" for other in ("its own logs", OLD, SITE)}
    finally:
        for server in servers:
            server.stop()
