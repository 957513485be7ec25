"""How much two nodes hold of each log, side by side."""

from collections.abc import Mapping

from bus.replication.log import LogId
from bus.verification.ports import Extent, Holdings

Extents = Mapping[LogId, Extent]


async def extents_of(holdings: Holdings) -> Extents:
    """Return how much a node holds of each log."""
    return {extent.log: extent for extent in await holdings.extents()}


def newest_epochs(here: Extents, there: Extents) -> Mapping[tuple[str, str], int]:
    """Return the newest epoch that either node has, by origin and channel."""
    newest: dict[tuple[str, str], int] = {}
    for log in here.keys() | there.keys():
        named_alike = log.origin, log.channel
        newest[named_alike] = max(log.epoch, newest.get(named_alike, 0))
    return newest


def going_on(here: Extents, there: Extents) -> list[LogId]:
    """Return the logs of both nodes that no other continues: the end of one that was left may differ for good."""
    newest = newest_epochs(here, there)
    return [log for log in here if log in there and log.epoch == newest[log.origin, log.channel]]
