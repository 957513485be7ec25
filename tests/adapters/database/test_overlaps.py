"""Transactions of one node side by side, of which none sees yet what the other does."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.database import arrivals
from adapters.database.projections import Projection
from adapters.database.session import Session
from bus.recorded import Recorded
from bus.replication.log import LogId
from domain.alarms.events import AlarmRaised, AlarmRepeated
from tests.contracts.databases import postgresql
from tests.contracts.test_held_events import ALARMS, LATER_ALARMS, bodies
from tests.contracts.test_logs import batch_of
from tests.postgres import Postgres
from tests.samples import MORNING, alarm

SOON = 20


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
