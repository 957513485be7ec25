"""The last run of a site that is taken out of service: until the centre holds all that it has on record."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from sites.desk import Desk
from sites.occupancy import occupied
from sites.running import RunningNode
from sites.settings import DATABASE_FILE
from sites.short_run import NotReached, Progress, ShortRun, Tell, run_until_done

_WAITING: Final = "{ replication { health { waiting } neighbours { isParent up } } }"
_LEFT: Final = "SELECT coalesce(sum(seq - centre_seq), 0) FROM log WHERE via IS NULL AND channel NOT LIKE '%.%'"


def hand_over(node: RunningNode, tell: Tell, *, within: float) -> None:
    """Run a site until the centre holds all that it has on record, whatever it records meanwhile; then it is stopped.

    Raises:
        NotReached: the centre does not hold all of it by then, or the site ended.
        StateInUse: it runs already.
    """
    with occupied(node.state):
        pass
    deadline = time.monotonic() + within
    while True:
        run_until_done(node, "site", _LAST_RUN, tell, within=deadline - time.monotonic())
        left = waiting(node.state)
        if left == 0:
            return
        tell(f"{left} events were recorded as it ended")
        if time.monotonic() > deadline:
            raise NotReached(f"{left} events are still to be handed over")


def waiting(state: Path) -> int:
    """Return how many events of a site that does not run the centre has not confirmed."""
    with closing(sqlite3.connect(f"{(state / DATABASE_FILE).as_uri()}?mode=ro", uri=True)) as database:
        (left,) = database.execute(_LEFT).fetchone()
        return int(left)


async def _look(desk: Desk) -> Progress:
    replication = (await desk.look(_WAITING))["replication"]
    left = replication["health"]["waiting"]
    if not all(one["up"] for one in replication["neighbours"] if one["isParent"]):
        return Progress(line=f"{left} events wait for the parent, which does not answer", is_done=False)
    if left != "0":
        return Progress(line=f"{left} events wait for the centre", is_done=False)
    return Progress(line="the centre holds all that is on record here", is_done=True)


_LAST_RUN: Final = ShortRun(command="site leave", look=_look)
