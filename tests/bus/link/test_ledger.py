"""Positions are stored together, and not lost when the database is away."""

import asyncio
from collections.abc import Mapping

import pytest

from bus.link.ledger import Ledger
from bus.replication import LogId, Position
from domain.shared.errors import Unavailable
from tests.bus.link.virtual_time import run

LOGS = [LogId("koroszczyn", 7, channel) for channel in ("alarms", "facts")]


class Stored:
    """The part of a node's logs that a ledger uses."""

    def __init__(self) -> None:
        self.calls: list[tuple[Mapping[LogId, Position], Mapping[LogId, Position]]] = []
        self.away = False

    async def confirm(self, receiver: Mapping[LogId, Position], centre: Mapping[LogId, Position]) -> None:
        if self.away:
            raise Unavailable
        self.calls.append((dict(receiver), dict(centre)))


def at(seq: int) -> Position:
    return Position(seq, seq.to_bytes(32))


def test_the_newest_of_each_log_are_stored_in_one_change() -> None:
    async def scenario() -> None:
        stored = Stored()
        ledger = Ledger(stored)  # type: ignore[arg-type] # all that it needs
        work = asyncio.create_task(ledger.run())
        ledger.parent_has(LOGS[0], at(1))
        await asyncio.sleep(0.01)
        for seq in range(2, 9):
            ledger.parent_has(LOGS[0], at(seq))
            ledger.parent_has(LOGS[1], at(10 * seq))
            ledger.centre_has(LOGS[0], at(seq - 1))
        await asyncio.sleep(10)
        work.cancel()
        assert stored.calls == [({LOGS[0]: at(1)}, {}), ({LOGS[0]: at(8), LOGS[1]: at(80)}, {LOGS[0]: at(7)})]

    run(scenario())


def test_what_could_not_be_stored_is_stored_later_unless_there_is_newer() -> None:
    async def scenario() -> None:
        stored = Stored()
        stored.away = True
        ledger = Ledger(stored)  # type: ignore[arg-type] # all that it needs
        ledger.parent_has(LOGS[0], at(1))
        ledger.parent_has(LOGS[1], at(1))
        with pytest.raises(Unavailable):
            await ledger.run()
        stored.away = False
        ledger.parent_has(LOGS[1], at(2))
        work = asyncio.create_task(ledger.run())
        await asyncio.sleep(1)
        work.cancel()
        assert stored.calls == [({LOGS[0]: at(1), LOGS[1]: at(2)}, {})]

    run(scenario())
