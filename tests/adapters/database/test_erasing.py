"""What only databases have of what is erased: transactions side by side, and rows that nobody looks up alone."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from adapters.database import arrivals, erasing, tombstones
from adapters.database.batches import DatabaseBatches
from adapters.database.projections import Projection
from adapters.database.session import Session
from adapters.database.tables.watchlist import criterion
from adapters.memory.ids import SeededIds
from bus.link.batches import Untaken
from bus.recorded import Recorded
from bus.replication.batch import Batch, pack, unpack
from bus.replication.log import LogId, Position
from bus.replication.record import Record
from domain.registrations.events import Registered
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import batch, memory
from tests.contracts.databases import postgresql, sqlite
from tests.postgres import Postgres
from tests.samples import entry, erased, new_id, registration

SOON = 20


async def test_what_arrives_beside_its_tombstone_loses_its_body(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure waits for who has asked for tombstones already, and not yet committed what it takes in."""
    reached, alone, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    show, wait_alone = arrivals.show, tombstones.alone

    async def shown(
        session: Session, recorded: Sequence[Recorded], *known: Projection | None
    ) -> list[tuple[Recorded, Exception]]:
        if any(isinstance(one.event, Registered) for one in recorded):
            reached.set()
            await go_on.wait()
        return await show(session, recorded, *known)

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


@pytest.mark.parametrize("way", ["go_on", "give_way", "adopt"])
async def test_who_records_anew_keeps_from_erasing_before_it_locks_a_row(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Else who erases could hold the lock, and wait for a row of who waits for the lock."""
    reached, erases, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    without_erased, wait_alone = tombstones.without_erased, tombstones.alone

    async def taken(session: Session, records: Sequence[Record]) -> list[Record]:
        reached.set()
        await go_on.wait()
        return await without_erased(session, records)

    async def waited(session: Session) -> None:
        await wait_alone(session)
        erases.set()

    one = registration()
    async with postgresql(postgres_server) as node, memory("koroszczyn") as neighbour:
        await node.record(Registered(registration=one))
        (facts,) = [held.log for held in await node.logs.held()]
        own = await batch(node.logs, facts)
        await neighbour.record(erased(node.heard[0].id, subjects=(one.id,), scope=facts.origin))
        (erasure,) = [held.log for held in await neighbour.logs.held()]
        tombs = await batch(neighbour.logs, erasure)
        if way == "give_way":
            await node.logs.confirm({facts: Position(1, b"")}, {})
            await node.logs.go_on(facts.epoch)
        monkeypatch.setattr(tombstones, "without_erased", taken)
        monkeypatch.setattr(tombstones, "alone", waited)
        ways = {
            "go_on": lambda: node.logs.go_on(facts.epoch),
            "give_way": lambda: node.logs.give_way(facts, 0),
            "adopt": lambda: node.logs.adopt(own),
        }
        async with asyncio.timeout(SOON):
            recording = asyncio.create_task(ways[way]())  # type: ignore[arg-type] # each a coroutine
            await reached.wait()
            erasing = asyncio.create_task(node.logs.apply([tombs], "neighbour"))
            waiting = asyncio.create_task(erases.wait())
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            go_on.set()
            await asyncio.gather(recording, erasing, waiting)
        assert not done
        logs = [held.log for held in await node.logs.held() if held.log.channel == "facts"]
        held = [record for log in logs for record in (await node.logs.read(log, 1, 9))[1]]
        assert [record.body for record in held] == [None]


async def test_of_batches_in_quarantine_those_alone_are_read_that_the_erasure_concerns(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is unpacked while nobody takes anything in."""
    read: list[LogId] = []

    def unpacked(data: bytes) -> Batch:
        read.append(unpack(data).header.log)
        return unpack(data)

    concerned = [LogId("koroszczyn", 1, "facts"), LogId("koroszczyn", 2, "alarms"), LogId("pl", 1, "watchlist.pl")]
    others = [LogId("koroszczyn", 1, "audit"), LogId("dorohusk", 1, "facts")]
    nowhere = LogId("dorohusk", 2, "facts")
    for opening in (sqlite(), postgresql(postgres_server)):
        read.clear()
        async with opening as node, memory("koroszczyn") as neighbour:
            await neighbour.record(Registered(registration=registration()))
            (facts,) = [held.log for held in await neighbour.logs.held()]
            before, records = await neighbour.logs.read(facts, 1, 1)
            database = node.changes._database  # type: ignore[attr-defined] # a database's
            batches = DatabaseBatches(database, clock=node.clock, ids=SeededIds(node.clock, seed="batches"))
            for log in (*concerned, *others, nowhere):
                packed = pack(log, 1, before, records)
                header = None if log == nowhere else unpack(packed.data).header
                await batches.keep(Untaken(child="x", room="x", data=packed.data, reason="x", header=header))
            with monkeypatch.context() as patch:
                patch.setattr(erasing, "unpack", unpacked)
                await node.record(erased(subjects=(new_id(),)))
        assert set(read) == {*concerned, nowhere}


async def test_criteria_go_with_their_entry() -> None:
    one, other = entry(("WA 1", "PL"), ("WA 2", "PL")), entry()
    async with sqlite() as node:
        await node.record(EntryActivated(entry=one), EntryActivated(entry=other))
        await node.record(erased(node.heard[0].id, subjects=(one.id,), scope="pl"))
        left = await node.changes._database.read(  # type: ignore[attr-defined] # a database's
            lambda session: session.row(select(func.count().label("n")).select_from(criterion))
        )
        assert left["n"] == 1
