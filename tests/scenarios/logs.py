"""Whether the logs in a database are whole."""

from collections.abc import Sequence

from sites.demo.node import Node
from sites.equality.stored import Row, stored

_NOT_WHOLE = """
SELECT log.origin, log.channel, log.seq, count(event.seq) AS held, min(event.seq) AS first, max(event.seq) AS last
FROM log LEFT JOIN event ON event.log_id = log.id
GROUP BY log.id, log.origin, log.channel, log.seq
HAVING NOT (count(event.seq) = log.seq AND min(event.seq) = 1 AND max(event.seq) = log.seq)
"""


async def logs_not_whole(node: Node) -> Sequence[Row]:
    """Return the logs in which a number is missing, or that do not end where their node says."""
    async with stored(node.database) as database:
        return [row async for row in database.rows(_NOT_WHOLE)]
