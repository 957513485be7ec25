"""How the parts of a node are put together."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.database.node import claim
from adapters.database.schema import migrate_sqlite
from adapters.database.sqlite import SqliteDatabase
from adapters.memory.clock import SteppingClock
from adapters.system import SystemClock, SystemIds
from bus.live import Lagging, Live
from bus.recorded import Recorded
from domain.shared.actors import system
from sites import parts
from sites.broker import Broker
from sites.sealing import own_seal
from sites.settings import HttpSettings, LinkSettings, NodeSettings
from tests.samples import audited

LINK = LinkSettings(
    nats_url=None,
    nats_port=None,
    leaf_port=None,
    children_secret=None,
    parent=None,
    parent_leaf_url=None,
    parent_url=None,
    scopes=(),
    children={},
)
HTTP = HttpSettings(host="127.0.0.1", port=0, origins=())


async def test_who_watches_is_cut_off_when_what_is_on_record_is_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live()
    monkeypatch.setattr(parts, "Live", lambda: live)
    migrate_sqlite(tmp_path / "site.sqlite")
    database = SqliteDatabase(tmp_path / "site.sqlite")
    await database.open()
    await claim(database, "dorohusk", SystemClock(), SystemIds())
    settings = NodeSettings(
        code="dorohusk", role="site", state=tmp_path, development=False, database_url=None, http=HTTP, link=LINK
    )
    async with parts._node(settings, database, Broker(url="nats://127.0.0.1:1"), await own_seal(database, tmp_path)):
        with live.watch("Registered") as watch:
            for call in database.when_in_doubt:
                call()
            with pytest.raises(Lagging):
                async with asyncio.timeout(5):
                    await anext(watch.events())
    await database.close()


async def test_a_node_whose_clock_was_put_back_stamps_on_from_where_it_was(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "site.sqlite")
    database = SqliteDatabase(tmp_path / "site.sqlite")
    await database.open()
    clock, ids = SteppingClock(), SystemIds()
    await claim(database, "dorohusk", clock, ids)
    seal = await own_seal(database, tmp_path)
    settings = NodeSettings(
        code="dorohusk", role="site", state=tmp_path, development=False, database_url=None, http=HTTP, link=LINK
    )
    heard: list[Recorded] = []
    for _ in range(2):
        _, changes = await parts._records(settings, database, clock, ids, seal, has_room=lambda: True)
        changes.listeners.append(heard.extend)
        await changes.run(system("dorohusk"), lambda change: change.record(audited()))
        clock.step(timedelta(hours=-1))
    first, second = heard
    assert second.hlc > first.hlc
    await database.close()
