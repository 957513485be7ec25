"""What only databases have of what is erased: transactions side by side, and rows that nobody looks up alone."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from adapters.database import arrivals, tombstones
from adapters.database.session import Session
from adapters.database.tables.watchlist import criterion
from bus.recorded import Recorded
from domain.crossings.events import Registered
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import batch, memory
from tests.contracts.databases import postgresql, sqlite
from tests.postgres import Postgres
from tests.samples import entry, erased, registration

SOON = 20


async def test_what_arrives_beside_its_tombstone_loses_its_body(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure waits for who has asked for tombstones already, and not yet committed what it takes in."""
    reached, alone, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    show, wait_alone = arrivals.show, tombstones.alone

    async def shown(session: Session, recorded: Sequence[Recorded]) -> list[tuple[Recorded, Exception]]:
        if any(isinstance(one.event, Registered) for one in recorded):
            reached.set()
            await go_on.wait()
        return await show(session, recorded)

    async def waited(session: Session) -> None:
        alone.set()
        await wait_alone(session)

    monkeypatch.setattr(arrivals, "show", shown)
    monkeypatch.setattr(tombstones, "alone", waited)
    one = registration()
    async with postgresql(postgres_server) as node, memory("koroszczyn") as neighbour:
        await neighbour.record(Registered(registration=one))
        (facts,) = [held.log for held in await neighbour.logs.held()]
        arriving = await batch(neighbour.logs, facts)
        await neighbour.record(erased(neighbour.heard[0].id, subjects=(one.id,)))
        (erasure,) = [held.log for held in await neighbour.logs.held() if held.log != facts]
        tombs = await batch(neighbour.logs, erasure)

        async with asyncio.timeout(SOON):
            taking = asyncio.create_task(node.logs.apply([arriving], "neighbour"))
            await reached.wait()
            erasing = asyncio.create_task(node.logs.apply([tombs], "neighbour"))
            await alone.wait()
            done, _ = await asyncio.wait([erasing], timeout=0.2)
            go_on.set()
            await asyncio.gather(taking, erasing)
        assert not done
        assert [record.body for record in (await node.logs.read(facts, 1, 1))[1]] == [None]
        assert await node.views.registration(one.id) is None


async def test_criteria_go_with_their_entry() -> None:
    one, other = entry(("WA 1", "PL"), ("WA 2", "PL")), entry()
    async with sqlite() as node:
        await node.record(EntryActivated(entry=one), EntryActivated(entry=other))
        await node.record(erased(node.heard[0].id, subjects=(one.id,), scope="pl"))
        left = await node.changes._database.read(  # type: ignore[attr-defined] # a database's
            lambda session: session.row(select(func.count().label("n")).select_from(criterion))
        )
        assert left["n"] == 1
