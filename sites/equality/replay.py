"""Whether the tables show what the logs say: the logs are shown anew in an empty database, and the two compared."""

from collections.abc import Collection, Sequence
from contextlib import closing

from adapters.database.records import placed
from adapters.database.replay import Replay
from bus.catalogue import AUDIT, UP, audit_of
from bus.feed_modules import module_of
from sites.equality.copies import Held, read
from sites.equality.differences import Difference, Tables, differences
from sites.equality.stored import Stored, StoredInFile

_EVENTS = (
    "SELECT event.*, origin, epoch, channel FROM event JOIN log ON log.id = event.log_id"
    " WHERE body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM event AS place JOIN event_quarantine"
    " ON event_quarantine.log_id = place.log_id AND event_quarantine.seq = place.seq"
    " WHERE place.id = event.id AND state <> 'replayed') ORDER BY log_id, event.seq"
)
_FLOORED = "SELECT DISTINCT origin, channel FROM log WHERE floor_seq > 0"


async def not_as_logged(database: Stored, held: Held) -> Sequence[Difference]:
    """Return what ``held`` of a database shows otherwise than its logs say; events in quarantine are not.

    Where events are no longer held the logs do not tell everything: the tables of a module with a feed that was loaded
    from a snapshot are passed over, and so is what comes of a node's logs of which the oldest events went with time.
    These can only be compared with another node's.
    """
    floored = [(row["origin"], row["channel"]) async for row in database.rows(_FLOORED)]
    loaded = {module_of(channel) for _, channel in floored if channel not in UP}
    aged = [audit_of(origin) if channel == AUDIT else origin for origin, channel in floored if channel in UP]
    untold = {shown.table for module in loaded for shown in module.shown}
    with closing(Replay()) as replay:
        async for row in database.rows(_EVENTS):
            if row["channel"] in UP or module_of(row["channel"]) not in loaded:
                await replay.show(*placed(row))
        told = await read(StoredInFile(replay.connection))
        here, there = (_without(one.without(aged).shown, untold) for one in (held, told))
        return differences(there, here)


def _without(shown: Tables, untold: Collection[str]) -> Tables:
    return {table: rows for table, rows in shown.items() if table not in untold}
