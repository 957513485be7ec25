"""Lists long enough to be loaded from snapshots, in memory."""

import pytest

from bus.link import follower, snapshots
from bus.snapshots import making
from domain.watchlist.events import EntryActivated
from domain.watchlist.model import EntryState
from tests.bus.link.nodes import Chain, Node
from tests.bus.link.virtual_time import until
from tests.samples import entry

FEED = "watchlist.pl"


def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have snapshots loaded from ten missing events on, and a piece for every few rows."""
    monkeypatch.setattr(follower, "FAR_BEHIND", 10)
    monkeypatch.setattr(snapshots, "MOVED_FAR", 5)
    monkeypatch.setattr(making, "PIECE_BYTES", 2_000)


def entries(node: Node) -> dict[str, EntryState]:
    return {one.id: one.state for one in node.changes.tables.entries.all()}


def floor(node: Node) -> int:
    return next((one.floor.seq for one in node.changes.tables.logs.all() if one.log.channel == FEED), -1)


def is_like(node: Node, other: Node) -> bool:
    return entries(node) == entries(other) and node.head("central", FEED) == other.head("central", FEED)


async def list_of(chain: Chain, count: int = 40) -> list[str]:
    """Have the centre record entries while the site is away; return their ids."""
    await chain.site.stop()
    made = [entry() for _ in range(count)]
    await chain.centre.record(*(EntryActivated(entry=one) for one in made))
    await until(lambda: is_like(chain.region, chain.centre), 30)
    return [one.id for one in made]
