"""THE table of feeds: each module that has them, the tables in which its rows stand, and how a row tells its scope.

What holds for a feed follows from its entry alone: its snapshot, leaving its scope, showing it anew, comparing it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.watchlist.scopes import DRAFTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A table in which the rows of a module's feeds stand.

    Attributes:
        key: column by which a row is known at every node.
        scope: column that names the scope.
        part_of: table and column that say of which row this one is a part; that row's feed is its own too.
        drafted: column that is empty as long as the row is a draft, which is in the feed of drafts.
    """

    table: str
    key: str = "id"
    scope: str = "scope"
    part_of: tuple[str, str] | None = None
    drafted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedModule:
    """A module with feeds, one for each scope.

    Attributes:
        shown: its tables; what is part of another row comes behind that.
        yielding: the scope whose rows give way to a row of the same key in any other feed.
    """

    name: str
    shown: tuple[Shown, ...]
    yielding: str | None = None


WATCHLIST: Final = "watchlist"
ORGANISATION: Final = "organisation"
ERASURE: Final = "erasure"

FEEDS: Final[Mapping[str, FeedModule]] = {
    module.name: module
    for module in (
        FeedModule(
            name=WATCHLIST,
            shown=(
                Shown(table="entry", drafted="approved_at"),
                Shown(table="criterion", part_of=("entry", "entry_id")),
            ),
            yielding=DRAFTS,
        ),
        FeedModule(
            name=ORGANISATION,
            shown=(
                Shown(table="device", key="code", scope="site"),
                Shown(table="unit", key="code"),
                Shown(table="post", key="code"),
                Shown(table="permitted_traffic"),
                Shown(table="site", key="code"),
                Shown(table="lane", scope="site"),
                Shown(table="checkpoint", scope="site"),
                Shown(table="leg", scope="site"),
            ),
        ),
        FeedModule(
            name=ERASURE, shown=(Shown(table="erasure"), Shown(table="tombstone", part_of=("erasure", "erasure_id")))
        ),
    )
}


def feed(module: str, scope: str) -> str:
    """Return the channel of a feed."""
    return f"{module}.{scope}"


def module_showing(table: str) -> str:
    """Return the name of the module whose feeds show in a table.

    Raises:
        LookupError: none does.
    """
    for module in FEEDS.values():
        if any(shown.table == table for shown in module.shown):
            return module.name
    raise LookupError(table)


def module_of(channel: str) -> FeedModule:
    """Return the module of a feed.

    Raises:
        LookupError: the channel is no feed.
    """
    return FEEDS[channel.partition(".")[0]]
