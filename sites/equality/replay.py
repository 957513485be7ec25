"""Whether the tables show what the logs say: the logs are shown anew in an empty database, and the two compared."""

from collections.abc import Sequence
from contextlib import closing

from adapters.database.replay import Replay
from bus.replication.log import LogId
from sites.equality.copies import Held, read
from sites.equality.differences import Difference, differences
from sites.equality.stored import Stored, StoredInFile

_EVENTS = (
    "SELECT event.*, origin, epoch, channel FROM event JOIN log ON log.id = event.log_id"
    " WHERE body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM event_quarantine WHERE state <> 'replayed'"
    " AND event_quarantine.log_id = event.log_id AND event_quarantine.seq = event.seq) ORDER BY log_id, event.seq"
)


async def not_as_logged(database: Stored, held: Held) -> Sequence[Difference]:
    """Return what ``held`` of a database shows otherwise than its logs say; events in quarantine are not."""
    with closing(Replay()) as replay:
        async for row in database.rows(_EVENTS):
            await replay.show(row, LogId(row["origin"], row["epoch"], row["channel"]))
        return differences((await read(StoredInFile(replay.connection))).shown, held.shown)
