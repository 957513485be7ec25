"""What was acknowledged, where it has been, and what was wrong: written beside the nodes, read by none of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import repeat

from bus.replication import LogId, Position
from tests.bus.findings import Findings


class Books(Findings):
    """The books of one schedule.

    Attributes:
        alive: events acknowledged to a user that no store may have lost, and the logs they were recorded in.
        aside: events of others that gave way to a parent's history, which had lost
            them itself: they are kept for an operator.
        behind: the event that was the newest of its channel when an event was recorded.
    """

    def __init__(self, *, is_traced: bool = False) -> None:
        super().__init__(is_traced=is_traced)
        self.alive: dict[bytes, LogId] = {}
        self.aside: set[bytes] = set()
        self.behind: dict[bytes, bytes] = {}
        self._recorded: set[tuple[LogId, int, bytes]] = set()
        self._been: defaultdict[str, set[tuple[LogId, int, bytes]]] = defaultdict(set)
        self._served: dict[tuple[str, str], tuple[int, float]] = {}

    def recorded(self, log: LogId, at: Position) -> None:
        """Its origin put an event into a log."""
        self._recorded.add((log, at.seq, at.hash))
        self._been[log.origin].add((log, at.seq, at.hash))

    def acknowledged(self, event_id: bytes, log: LogId) -> None:
        """A user was told that an event is on record."""
        self.alive[event_id] = log

    def applied(self, node: str, log: LogId, first: int, hashes: Sequence[bytes]) -> None:
        """A node put events of another's into its copy of a log."""
        places = list(zip(repeat(log), range(first, first + len(hashes)), hashes))
        self._been[node].update(places)
        if places[-1] not in self._recorded:
            self.violated("a copy is in no history of its origin", (node, places[-1]))

    def has_held(self, node: str, log: LogId, at: Position) -> bool:
        """Tell whether a node has ever held this place in a log."""
        return at.seq == 0 or (log, at.seq, at.hash) in self._been[node]

    def lost(self, surviving: Iterable[bytes]) -> None:
        """A store went back in time or is gone: only these are left anywhere."""
        left = set(surviving)
        self.alive = {event_id: log for event_id, log in self.alive.items() if event_id in left}

    def served(self, parent: str, child: str, process: int, now: float, silent_after: float) -> None:
        """A process of a child was given an answer."""
        last, at = self._served.get((parent, child), (process, now))
        if last != process and now - at < silent_after:
            self.violated("two processes served", (child, last, process))
        self._served[parent, child] = process, now

    def forgets(self, parent: str) -> None:
        """A parent was started anew: it does not know whom it served."""
        self._served = {pair: one for pair, one in self._served.items() if pair[0] != parent}
