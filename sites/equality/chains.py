"""Whether each event follows the one before it, and each log ends where its head says."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from bus.replication.chain import chain
from bus.replication.log import Position
from bus.replication.record import Record
from sites.equality.differences import Difference, difference
from sites.equality.stored import Stored

_LOGS = (
    "SELECT id, origin || '/' || epoch || '/' || channel AS name, seq, hash,"
    " floor_seq, floor_hash FROM log ORDER BY origin, channel, epoch"
)
_EVENTS = "SELECT seq, id, hlc, salt, body, commitment, hash FROM event WHERE log_id = $1 ORDER BY seq"


async def broken_chains(database: Stored) -> Sequence[Difference]:
    """Return events that are missing, by log and number, and that do not follow, by id; heads that are not the end.

    An event altered together with its hash breaks the chain at the event after it, or at the head.
    """
    missing, altered, heads = [], [], []
    for log in [log async for log in database.rows(_LOGS)]:
        end = Position(log["floor_seq"], log["floor_hash"])
        async for event in database.rows(_EVENTS, log["id"]):
            if event["seq"] != end.seq + 1:
                missing.append(f"{log['name']}/{end.seq + 1}")
            elif event["hash"] != _hash_after(end.hash, event):
                altered.append(str(event["id"]))
            end = Position(event["seq"], event["hash"])
        if end.seq < log["seq"]:
            missing.append(f"{log['name']}/{end.seq + 1}")
        elif end != Position(log["seq"], log["hash"]):
            heads.append(log["name"])
    found = (difference("event", missing=missing, altered=altered), difference("log", altered=heads))
    return [one for one in found if one.count]


def _hash_after(previous: bytes, event: Mapping[str, Any]) -> bytes | None:
    """Return the hash of an event that follows ``previous``, or None when it is no record."""
    try:
        event_id = uuid.UUID(str(event["id"])).bytes
        record = Record(event_id, event["hlc"], event["salt"], event["body"], event["commitment"])
        return chain(previous, (record,))[0] if record.whole else None
    except (TypeError, ValueError, OverflowError):  # not even of the kinds that a record is made of
        return None
