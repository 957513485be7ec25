"""Judging what has come to rest."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from sites.demo.book import Book
from sites.demo.lag import Log, Standings, on_their_way
from sites.demo.topology import Topology
from sites.demo.verdict import Verdict, judge
from sites.demo.waiting import DemoFailed, until

ARRIVES_WITHIN = 30.0
LOOKS = 5
_PLACE = ("origin", "epoch", "channel", "seq", "projected")


async def settle(topology: Topology, book: Book, standings: Standings, within: float = ARRIVES_WITHIN) -> Verdict:
    """Wait until everything has arrived, at most so many seconds, and judge.

    What goes on record while the databases are read one after the other, such as when a camera was heard, is in some of
    them and not in others, or still on its way: they are judged again then, at most so many times as `LOOKS` says.
    """
    plans = {code: node.plan for code, node in topology.nodes.items()}

    async def arrived() -> bool:
        return not on_their_way(plans, await standings.logs())

    for _ in range(LOOKS):
        in_time = False
        with suppress(DemoFailed):  # the verdict says what is missing
            await until(arrived, "everything arrives", within)
            in_time = True
        before = await standings.logs()
        verdict = await judge(topology, book, standings)
        moved = on_their_way(plans, before) or _places(before) != _places(await standings.logs())
        waits = any(lag.waiting for lag in verdict.lags.values())
        if (verdict.holds and not waits) or not in_time or not moved:
            break
    return verdict


def _places(logs: Mapping[str, Sequence[Log]]) -> Mapping[str, Sequence[Log]]:
    """Return how far the logs of each node are: the same as long as nothing more goes on record anywhere."""
    return {code: [{key: log[key] for key in _PLACE} for log in held] for code, held in logs.items()}
