"""A PostgreSQL server that goes away and comes back."""

import asyncio

import pytest
from sqlalchemy import bindparam, insert, select

from adapters.database.postgres import PostgresDatabase
from adapters.database.schema import migrate_postgres
from adapters.database.session import Session, StoreFailed
from adapters.database.tables.logs import node
from sites.servers.postgres import PostgresServer

ADD = insert(node).values(code=bindparam("code"), epoch=bindparam("epoch"))
ALL = select(node.c.code).order_by(node.c.code)


async def test_a_server_that_restarts_refuses_for_now_and_goes_on(mortal_server: PostgresServer) -> None:
    url = await mortal_server.create_database("caifs")
    await migrate_postgres(url)
    database = PostgresDatabase(url)
    await database.open()
    halfway, restarted = asyncio.Event(), asyncio.Event()

    async def interrupted(session: Session) -> None:
        await session.run(ADD, code="lost", epoch=1)
        halfway.set()
        await restarted.wait()
        await session.run(ADD, code="lost too", epoch=1)

    writing = asyncio.create_task(database.write(interrupted))
    await halfway.wait()
    mortal_server.stop()
    with pytest.raises(StoreFailed):
        await database.read(lambda session: session.rows(ALL))
    mortal_server.start()
    restarted.set()

    with pytest.raises(StoreFailed):
        await writing
    await database.write(lambda session: session.run(ADD, code="kept", epoch=1))
    rows = await database.read(lambda session: session.rows(ALL))
    assert [row["code"] for row in rows] == ["kept"]
    await database.close()
