"""How feeds come to a node and go: its snapshots, and what is put on record when it leaves one."""

from typing import Final

from adapters.database.session import Database
from adapters.database.snapshots import DatabaseSnapshots
from adapters.shelf import FileShelf
from bus.dispatcher import Dispatcher
from bus.link.leaving import Told
from bus.link.snapshots import SnapshotParts
from domain.access.commands import RecordAccess
from domain.shared.actors import system
from sites.settings import NodeSettings

SNAPSHOTS_FOLDER: Final = "snapshots"


def snapshots(settings: NodeSettings, database: Database) -> SnapshotParts:
    """Return what snapshots need of a node."""
    return SnapshotParts(tables=DatabaseSnapshots(database), shelf=FileShelf(settings.state / SNAPSHOTS_FOLDER))


def left_on_audit(dispatcher: Dispatcher, code: str) -> Told:
    """Return what puts on a node's audit that it left a feed."""

    async def tell(feed: str, why: str, rows: int) -> None:
        left = RecordAccess(action="LeaveFeed", target=feed, outcome=f"{rows} rows removed: {why}")
        await dispatcher.dispatch(left, system(code))

    return tell
