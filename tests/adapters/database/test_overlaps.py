"""Transactions of one node side by side, of which none sees yet what the other does."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.database import arrivals, shown_anew
from adapters.database.postgres import POOL_MAX
from adapters.database.projections import Projection
from adapters.database.session import Row, Session
from bus.ports import WholeChange
from bus.recorded import Recorded
from bus.replication.log import LogId
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated
from tests.contracts.databases import postgresql
from tests.contracts.test_held_events import ALARMS, LATER_ALARMS, bodies
from tests.contracts.test_logs import THEIRS, batch_of
from tests.postgres import Postgres
from tests.samples import MORNING, alarm, audited

SOON = 10


@pytest.mark.parametrize("logs", [(ALARMS, LATER_ALARMS), (LATER_ALARMS, ALARMS)])
async def test_an_event_in_two_logs_that_arrive_side_by_side_shows_once(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch, logs: Sequence[LogId]
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()
    show = arrivals.show

    async def shown(
        session: Session, recorded: Sequence[Recorded], *known: Projection | None
    ) -> list[tuple[Recorded, Exception]]:
        if not reached.is_set():
            reached.set()
            await go_on.wait()
        return await show(session, recorded, *known)

    monkeypatch.setattr(arrivals, "show", shown)
    one = alarm(node="koroszczyn")
    records = bodies(AlarmRaised(alarm=one), AlarmRepeated(alarm_id=one.id, registration_id=None, at=MORNING))
    async with postgresql(postgres_server) as node, asyncio.timeout(SOON):
        first, second = (batch_of(records, log=log) for log in logs)
        ahead = asyncio.create_task(node.logs.apply([first], "west"))
        await reached.wait()
        behind = asyncio.create_task(node.logs.apply([second], "west"))
        await asyncio.wait([behind], timeout=0.2)
        go_on.set()
        await asyncio.gather(ahead, behind)
        found = await node.views.alarm(one.id)
        assert found is not None
        assert found.repeats == 1
        assert await node.views.held_event_count() == 0


async def test_commands_that_wait_for_their_turn_keep_nobody_else_from_the_database(postgres_server: Postgres) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def long(_: WholeChange) -> None:
        begun.set()
        await go_on.wait()

    async with postgresql(postgres_server) as node:
        holding = asyncio.create_task(node.ask(long))
        await begun.wait()
        waiting = [asyncio.create_task(node.record(audited())) for _ in range(POOL_MAX + 2)]
        await asyncio.wait(waiting, timeout=0.2)
        try:
            async with asyncio.timeout(SOON):
                await node.logs.apply([batch_of(bodies(audited()))], "west")
                assert await node.logs.find(THEIRS) is not None
            assert not any(one.done() for one in waiting)
        finally:
            go_on.set()
            await asyncio.gather(holding, *waiting)
        assert len(node.heard) == len(waiting)


@pytest.mark.parametrize("is_raised", [False, True])
async def test_what_arrives_while_the_tables_of_its_origin_are_filled_again_shows_once(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch, *, is_raised: bool
) -> None:
    """In whatever process: the rows of the logs keep them apart."""
    emptied, go_on = asyncio.Event(), asyncio.Event()
    show = shown_anew._show

    async def shown(session: Session, logs: Sequence[Row]) -> None:
        emptied.set()
        await go_on.wait()
        await show(session, logs)

    monkeypatch.setattr(shown_anew, "_show", shown)
    one, other = alarm(node="koroszczyn"), alarm(node="koroszczyn")
    taken = AlarmAcknowledged(alarm_id=one.id, acknowledged_by="anna", acknowledged_at=MORNING)
    records = bodies(AlarmRaised(alarm=one), AlarmRaised(alarm=other) if is_raised else taken)
    async with postgresql(postgres_server) as node, asyncio.timeout(SOON):
        await node.logs.apply([batch_of(records[:1], log=ALARMS), batch_of(bodies(audited()))], "west")
        giving_way = asyncio.create_task(node.logs.give_way(THEIRS, 0))
        await emptied.wait()
        monkeypatch.setattr(node.logs, "_turns", {})
        arriving = asyncio.create_task(node.logs.apply([batch_of(records, 2, log=ALARMS)], "west"))
        await asyncio.wait([arriving], timeout=0.2)
        go_on.set()
        await asyncio.gather(giving_way, arriving)
        assert await node.views.held_event_count() == 0
        found = await node.views.alarm(one.id)
        assert found is not None
        assert found.acknowledged_by == ("" if is_raised else "anna")
        assert (await node.views.alarm(other.id) is not None) == is_raised


async def test_a_log_that_begins_while_the_tables_of_its_origin_are_filled_again_shows(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no row yet to lock."""
    reached, go_on = asyncio.Event(), asyncio.Event()
    forget = shown_anew._forget

    async def forgotten(session: Session, changed: LogId) -> None:
        reached.set()
        await go_on.wait()
        await forget(session, changed)

    monkeypatch.setattr(shown_anew, "_forget", forgotten)
    one = alarm(node="koroszczyn")
    async with postgresql(postgres_server) as node, asyncio.timeout(SOON):
        await node.logs.apply([batch_of(bodies(audited()))], "west")
        giving_way = asyncio.create_task(node.logs.give_way(THEIRS, 0))
        await reached.wait()
        arriving = asyncio.create_task(node.logs.apply([batch_of(bodies(AlarmRaised(alarm=one)), log=ALARMS)], "west"))
        await asyncio.wait([arriving], timeout=0.2)
        go_on.set()
        await asyncio.gather(giving_way, arriving)
        assert await node.views.alarm(one.id) == one
