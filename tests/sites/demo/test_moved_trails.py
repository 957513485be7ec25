"""Databases of a site that moved, of its parents and of the centre: what each is bound to hold of its audit trail."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bus.replication.log import LogId
from sites.demo.comparison import compare
from sites.demo.node import Plan
from sites.equality.differences import Difference
from tests.contracts.backends import Node, batch
from tests.contracts.databases import sqlite
from tests.samples import audited

CENTRE, REGION, SITE = "central", "lublin", "dorohusk"
PLANS = {
    CENTRE: Plan(code=CENTRE, role="central", parent=None),
    REGION: Plan(code=REGION, role="region", parent=CENTRE, scopes=("*",)),
    SITE: Plan(code=SITE, role="site", parent=REGION, scopes=("pl",)),
}
OF_LOG = "log_id = (SELECT id FROM log WHERE epoch = {epoch})"


@dataclass(frozen=True)
class Moved:
    """A site with two epochs that is below a region, or was."""

    nodes: dict[str, Node]
    old: LogId
    new: LogId

    async def found(self, parent: str = REGION) -> dict[str, Sequence[Difference]]:
        """Return what is told while the site is below ``parent``."""
        plans = PLANS | {SITE: Plan(code=SITE, role="site", parent=parent, scopes=("pl",))}
        nodes: dict[str, Any] = {
            code: SimpleNamespace(plan=plans[code], database=file_of(node)) for code, node in self.nodes.items()
        }
        told = await compare(SimpleNamespace(nodes=nodes))  # type: ignore[arg-type] # as much of one as is asked for
        return {name: each for name, each in told.items() if each}

    async def tables(self, parent: str = REGION) -> dict[str, set[str]]:
        """Return the tables that are told of, by what was compared."""
        return {name: {one.table for one in each} for name, each in (await self.found(parent)).items()}

    async def pass_on(self, sender: str, receiver: str, log: LogId, first: int = 1, limit: int = 500) -> None:
        await self.nodes[receiver].logs.apply([await batch(self.nodes[sender].logs, log, first, limit)], sender)

    def spoil(self, code: str, *statements: str) -> None:
        """Run statements on a database, past what keeps the audit trail."""
        with closing(sqlite3.connect(file_of(self.nodes[code]))) as file:
            for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                file.execute(f"DROP TRIGGER {trigger}")
            for statement in statements:
                file.execute(statement)
            file.commit()

    def shorten(self, code: str, log: LogId, last: int) -> None:
        """Have a log end at ``last`` as if no more of it had ever come."""
        of = OF_LOG.format(epoch=log.epoch)
        end = f"SELECT hash FROM event WHERE {of} AND seq = {last}"  # noqa: S608 - of this file
        self.spoil(
            code,
            f"UPDATE log SET seq = {last}, projected = {last}, hash = ({end}) WHERE epoch = {log.epoch}",  # noqa: S608 - of this file
            f"DELETE FROM event WHERE {of} AND seq > {last}",  # noqa: S608 - of this file
            f"DELETE FROM audit_record WHERE epoch = {log.epoch} AND seq > {last}",  # noqa: S608 - of this file
        )


def file_of(node: Node) -> Path:
    path: Path = node.custody._database._path  # type: ignore[attr-defined] # of the adapter
    return path


@pytest.fixture
async def moved() -> AsyncIterator[Moved]:
    """A site recorded five events below the centre, moved without the last two of them, and recorded three more."""
    async with AsyncExitStack() as opened:
        lost, *others = [await opened.enter_async_context(sqlite(code)) for code in (SITE, CENTRE, REGION, SITE)]
        nodes = dict(zip(PLANS, others, strict=True))
        await lost.record(*(audited() for _ in range(5)))
        old = (await lost.logs.held())[0].log
        await nodes[CENTRE].logs.apply([await batch(lost.logs, old)], SITE)
        site = nodes[SITE]
        site.clock.step()
        await site.logs.go_on(old.epoch)
        await site.logs.recall(await batch(lost.logs, old, 1, 3))
        await site.record(*(audited() for _ in range(3)))
        new = next(held.log for held in await site.logs.held() if held.log.epoch > old.epoch)
        country = Moved(nodes, old, new)
        await country.pass_on(SITE, REGION, old)
        await country.pass_on(SITE, REGION, new)
        await country.pass_on(REGION, CENTRE, new)
        yield country


async def test_what_the_centre_alone_has_of_before_the_move_is_no_difference(moved: Moved) -> None:
    assert await moved.found() == {}


async def test_nor_is_an_epoch_of_which_a_wiped_site_had_nothing_when_it_came(moved: Moved) -> None:
    for code in (SITE, REGION):
        moved.spoil(
            code,
            f"DELETE FROM event WHERE {OF_LOG.format(epoch=moved.old.epoch)}",  # noqa: S608 - of this file
            f"DELETE FROM log WHERE epoch = {moved.old.epoch}",  # noqa: S608 - of this file
            f"DELETE FROM audit_record WHERE epoch = {moved.old.epoch}",  # noqa: S608 - of this file
        )
    assert await moved.found() == {}


@pytest.mark.parametrize("table", ["event", "audit_record"])
@pytest.mark.parametrize("level", [SITE, REGION, CENTRE])
async def test_what_came_and_is_gone_is_told(level: str, table: str, moved: Moved) -> None:
    for log in (moved.old, moved.new):
        where = OF_LOG.format(epoch=log.epoch) if table == "event" else f"epoch = {log.epoch}"
        moved.spoil(level, f"DELETE FROM {table} WHERE {where} AND seq = 2")  # noqa: S608 - of this file
    pairs = {
        SITE: (f"{REGION} against {SITE}", f"{CENTRE} against {SITE}"),
        REGION: (f"{REGION} against {SITE}", f"{CENTRE} against {REGION}"),
        CENTRE: (f"{CENTRE} against {SITE}", f"{CENTRE} against {REGION}"),
    }[level]
    found = await moved.found()
    assert {name for name in found if "its own" not in name} == set(pairs)
    assert {one.count for name in pairs for one in found[name] if one.table == table} == {2}
    assert f"{level} against its own logs" in found


@pytest.mark.parametrize("level", [REGION, CENTRE])
async def test_what_was_altered_is_told(level: str, moved: Moved) -> None:
    moved.spoil(level, f"UPDATE audit_record SET who = 'X' WHERE epoch = {moved.old.epoch} AND seq = 2")  # noqa: S608 - of this file
    found = await moved.tables()
    assert found[f"{CENTRE} against {REGION}"] == {"audit_record"}


@pytest.mark.parametrize(
    ("level", "old", "new"),
    [
        (REGION, (f"{REGION} against {SITE}",), (f"{REGION} against {SITE}", f"{CENTRE} against {REGION}")),
        (CENTRE, *[(f"{CENTRE} against {SITE}", f"{CENTRE} against {REGION}")] * 2),
    ],
)
async def test_an_end_that_is_gone_is_told_of_what_the_site_holds(
    level: str, old: Sequence[str], new: Sequence[str], moved: Moved
) -> None:
    """Though the log is whole in itself."""
    for log, pairs in ((moved.old, old), (moved.new, new)):
        moved.shorten(level, log, 2)
        assert await moved.tables() == {pair: {"log", "event", "audit_record"} for pair in pairs}


async def test_what_only_the_centre_has_of_the_log_that_goes_on_is_told(moved: Moved) -> None:
    for code in (SITE, REGION):
        moved.shorten(code, moved.new, 2)
    pairs = (f"{CENTRE} against {SITE}", f"{CENTRE} against {REGION}")
    assert await moved.tables() == {pair: {"log", "event", "audit_record"} for pair in pairs}


async def test_a_former_parent_keeps_what_came_through_it(moved: Moved) -> None:
    """The site is below the centre again, which gave it back what it had lost, and more is on record there."""
    await moved.nodes[SITE].logs.recall(await batch(moved.nodes[CENTRE].logs, moved.old, 4))
    await moved.nodes[SITE].record(audited())
    await moved.nodes[CENTRE].logs.redirect(moved.new, SITE)
    await moved.pass_on(SITE, CENTRE, moved.new, 4)
    assert await moved.found(CENTRE) == {}
    assert await moved.found(REGION) != {}, "it would have to hold what goes on"

    moved.spoil(REGION, "UPDATE audit_record SET who = 'X' WHERE seq = 2")
    assert (await moved.tables(CENTRE))[f"{CENTRE} against {REGION}"] == {"audit_record"}
    moved.shorten(CENTRE, moved.new, 2)
    assert (await moved.tables(CENTRE))[f"{CENTRE} against {REGION}"] == {"log", "event", "audit_record"}


async def test_a_trail_that_came_from_above_is_told(moved: Moved) -> None:
    """A region is given nobody's audit trail."""
    for log in (moved.old, moved.new):
        await moved.nodes[REGION].logs.redirect(log, CENTRE)
    assert set(await moved.tables(CENTRE)) == {f"{CENTRE} against {REGION}"} | {f"{CENTRE} against {SITE}"}


async def test_a_parent_need_not_have_what_a_site_had_removed_before_it_came(moved: Moved) -> None:
    site, region = moved.nodes[SITE], moved.nodes[REGION]
    held = {one.log: one.head for one in await site.logs.held() if one.log.channel == "audit"}
    await site.logs.confirm(held, held)
    moved.spoil(REGION, "DELETE FROM event", "DELETE FROM log", "DELETE FROM audit_record")
    while await site.retention.shorten(site.clock.now() + timedelta(days=1), 2):
        pass
    for log in (moved.old, moved.new):
        kept = await site.logs.find(log)
        assert kept is not None
        assert kept.floor.seq == kept.head.seq - 1
        await region.logs.go_on_behind(log, kept.floor, SITE)
        await moved.pass_on(SITE, REGION, log, kept.head.seq)
    assert await moved.found() == {}
    moved.spoil(REGION, f"DELETE FROM audit_record WHERE epoch = {moved.new.epoch}")  # noqa: S608 - of this file
    assert set(await moved.tables()) == {f"{REGION} against {SITE}", f"{CENTRE} against {REGION}"}
    moved.spoil(CENTRE, f"DELETE FROM audit_record WHERE epoch = {moved.old.epoch} AND seq = 1")  # noqa: S608 - of this file
    assert (await moved.tables())[f"{CENTRE} against {SITE}"] == {"audit_record"}
