"""Nodes in a row: the first is the origin of the one log, the last is the centre, one between them is a relay.

No clock, no I/O: each call is one step, so that a list of calls is one schedule.
"""

from collections.abc import Callable

from bus.replication import START, Batch, Position, Record, Sender, Verdict, chain, judge
from tests.bus.replication.hop import Hop, Store

Judge = Callable[[Position, Batch, bytes | None], Verdict]


class World:
    """One log on its way from the origin to the centre."""

    def __init__(
        self,
        hops: int = 1,
        *,
        retains: bool = True,
        sender_type: type[Sender] = Sender,
        judge: Judge = judge,
        store_type: type[Store] = Store,
    ) -> None:
        self.retains = retains
        self.sender_type = sender_type
        self.judge = judge
        self.stores = [Store(), *(store_type() for _ in range(hops))]
        self.backups = [store.copy() for store in self.stores]
        self.histories: list[list[bytes]] = [[]]
        self.violations: set[str] = set()
        self.now = 0.0
        self.starts = 0
        self.written = 0
        self.hops = [Hop(self, number) for number in range(hops)]

    def write(self, events: int) -> None:
        for _ in range(events):
            self.written += 1
            name = self.written.to_bytes(16)
            self.stores[0].append(Record(name, self.written, name, b"body"))
            self.histories[-1].append(name)
        self.appended(0)

    def appended(self, node: int) -> None:
        if node < len(self.hops):
            hop = self.hops[node]
            hop.effects += hop.sender.appended(self.stores[node].watermark.seq)

    def tick(self, seconds: float) -> None:
        self.now += seconds
        for hop in self.hops:
            hop.effects += hop.sender.tick(self.now)

    def back_up(self, node: int) -> None:
        self.backups[node] = self.stores[node].copy()

    def restore(self, node: int) -> None:
        """The node's database goes back to its backup, and its processes start again."""
        self.stores[node] = self.backups[node].copy()
        if node == 0:
            self.histories.append([row.id for row in self.stores[0].rows])
        self.hops[node].restart()

    def check(self) -> set[str]:
        """Every receiver holds a beginning of what was committed at the origin, in order, each event once."""
        if len(self.histories) == 1 and any(hop.forks for hop in self.hops):
            self.violations.add("fork without a restored origin")
        for store in self.stores[1:]:
            held = [row.id for row in store.rows]
            if len(set(held)) < len(held):
                self.violations.add("doubled")
            elif all(held != history[: len(held)] for history in self.histories):
                self.violations.add("lost or out of order")
            elif store.watermark != Position(len(held), chain(START.hash, store.rows)[-1] if held else START.hash):
                self.violations.add("watermark is not what is held")
        return self.violations

    def heal(self, within: int) -> set[str]:
        """Let the faults end: all must arrive and be trimmed within so many seconds, or a fork must be reported."""
        for hop in self.hops:
            hop.jump(0)
            hop.connect()
        for _ in range(within):
            for hop in self.hops:
                hop.settle()
                hop.beacon()
            if self._complete():
                break
            self.tick(1.0)
        else:
            self.violations.add("did not heal")
        return self.check()

    def _complete(self) -> bool:
        end = self.stores[0].watermark
        arrived = all(store.watermark == end for store in self.stores) and self.stores[0].centre == end
        return arrived or any(hop.forks for hop in self.hops)
