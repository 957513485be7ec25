"""A feed that is left in the middle of leaving it, as when a node is killed: it is known that it does not stand."""

import pytest

from adapters.database import feed_rows
from adapters.database.session import StoreFailed
from bus.snapshots.ports import Load
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import batch, memory
from tests.contracts.databases import sqlite
from tests.samples import entry

FEED = "watchlist.pl"


@pytest.mark.parametrize("fails_at", ["remove", "keys_behind"])
async def test_what_is_interrupted_does_not_count_as_arrived_and_is_left_later(
    monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    async with memory("koroszczyn") as neighbour, sqlite() as node:
        await neighbour.record(EntryActivated(entry=entry()))
        (log,) = [one.log for one in await neighbour.logs.held() if one.log.channel == FEED]
        await node.logs.apply([await batch(neighbour.logs, log)], "neighbour")
        await node.logs.note_arrival(log, "neighbour")

        async def fails(*_: object, **__: object) -> None:
            raise StoreFailed

        with monkeypatch.context() as broken:
            broken.setattr(feed_rows, fails_at, fails)
            with pytest.raises(StoreFailed):
                await node.snapshots.leave(FEED)
        required = Load(feed=FEED, snapshot="", pieces=0, is_first=False)
        assert await node.snapshots.loads() == [required]
        (held,) = await node.logs.held()
        assert not held.arrived

        assert await node.snapshots.leave(FEED) >= 1
        assert await node.snapshots.loads() == await node.logs.held() == []
