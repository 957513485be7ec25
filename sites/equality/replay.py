"""Whether the tables show what the logs say: the logs are shown anew in an empty database, and the two compared."""

from collections.abc import Collection, Sequence
from contextlib import closing

from adapters.database.replay import Replay
from bus.catalogue import UP
from bus.feed_modules import module_of
from bus.replication.log import LogId
from sites.equality.copies import Held, read
from sites.equality.differences import Difference, Tables, differences
from sites.equality.stored import Stored, StoredInFile

_EVENTS = (
    "SELECT event.*, origin, epoch, channel FROM event JOIN log ON log.id = event.log_id"
    " WHERE body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM event_quarantine WHERE state <> 'replayed'"
    " AND event_quarantine.log_id = event.log_id AND event_quarantine.seq = event.seq) ORDER BY log_id, event.seq"
)
_LOADED = "SELECT channel FROM log WHERE floor_seq > 0 AND channel LIKE '%.%'"


async def not_as_logged(database: Stored, held: Held) -> Sequence[Difference]:
    """Return what ``held`` of a database shows otherwise than its logs say; events in quarantine are not.

    Of a module with a feed that was loaded from a snapshot the logs do not tell everything: its tables are passed over,
    and can only be compared with another node's.
    """
    loaded = {module_of(row["channel"]) async for row in database.rows(_LOADED)}
    untold = {shown.table for module in loaded for shown in module.shown}
    with closing(Replay()) as replay:
        async for row in database.rows(_EVENTS):
            log = LogId(row["origin"], row["epoch"], row["channel"])
            if log.channel in UP or module_of(log.channel) not in loaded:
                await replay.show(row, log)
        told = (await read(StoredInFile(replay.connection))).shown
        return differences(_without(told, untold), _without(held.shown, untold))


def _without(shown: Tables, untold: Collection[str]) -> Tables:
    return {table: rows for table, rows in shown.items() if table not in untold}
