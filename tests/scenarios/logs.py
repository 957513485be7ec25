"""Whether the logs in a database are whole."""

import sqlite3
from collections.abc import Sequence

import asyncpg

from sites.demo.node import Node

_NOT_WHOLE = """
SELECT log.origin, log.channel, log.seq, count(event.seq) AS held, min(event.seq) AS first, max(event.seq) AS last
FROM log LEFT JOIN event ON event.log_id = log.id
GROUP BY log.id, log.origin, log.channel, log.seq
HAVING NOT (count(event.seq) = log.seq AND min(event.seq) = 1 AND max(event.seq) = log.seq)
"""


async def logs_not_whole(node: Node) -> Sequence[dict[str, object]]:
    """Return the logs in which a number is missing, or that do not end where their node says."""
    if node.plan.role == "site":
        connection = sqlite3.connect(f"file:{node.database_file}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(_NOT_WHOLE)]
        finally:
            connection.close()
    database = await asyncpg.connect(node.database_url)
    try:
        return [dict(row) for row in await database.fetch(_NOT_WHOLE)]
    finally:
        await database.close()
