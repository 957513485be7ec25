"""The clock of a node that starts again."""

from datetime import timedelta

import pytest

from adapters.database.clock import started_clock
from adapters.memory.clock import SteppingClock
from bus.replication.clock import HybridClock, stamp_at
from bus.replication.record import Record
from domain.shared.ports import Clock
from tests.contracts.backends import Node
from tests.contracts.databases import postgresql, sqlite
from tests.contracts.test_logs import batch_of, records
from tests.postgres import Postgres
from tests.samples import NODE, audited

HOUR_MS = 3_600_000


async def started(node: Node, clock: Clock) -> HybridClock:
    return await started_clock(node.changes._database, NODE, clock)  # type: ignore[attr-defined] # a database's


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_it_goes_on_from_its_own_stamps_however_far_ahead_and_not_so_from_those_of_others(
    postgres_server: Postgres, engine: str
) -> None:
    clock = SteppingClock()
    now = int(clock.now().timestamp() * 1000)
    async with sqlite() if engine == "sqlite" else postgresql(postgres_server) as node:
        assert (await started(node, clock)).tick(now) < (now + 1) << 16
        (one,) = records(audited())
        ahead = Record(one.id, (now + HOUR_MS) << 16, one.salt, one.body)
        await node.logs.apply([batch_of([ahead])], "west")
        assert (now + 60_000) << 16 < (await started(node, clock)).tick(now) < (now + 60_001) << 16
        node.clock.step(timedelta(hours=2))
        await node.record(audited())
        own = node.heard[-1].hlc
        assert own > stamp_at(clock.now())
        assert (await started(node, clock)).tick(now) == own + 2
