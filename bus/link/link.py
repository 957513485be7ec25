"""The link of a node: everything that goes on between it, its parent and its children."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from bus.catalogue import UP
from bus.link.aside import Aside
from bus.link.children_side import ChildrenSide
from bus.link.follower import Follower
from bus.link.heartbeats import Say
from bus.link.leaving import Told
from bus.link.means import Means
from bus.link.neighbours import Children, Parent
from bus.link.parent_side import ParentSide
from bus.link.snapshots import SnapshotParts
from bus.link.status import LinkStatus
from bus.link.tasks import Tasks
from bus.link.uplink import Uplink
from bus.link.verifying import Inspection, Verifying
from bus.recorded import Recorded
from bus.replication import LogId
from bus.replication.ports import Logs
from bus.replication.seal import Seal
from domain.shared.ports import Clock


class Link:
    """What links a node to its neighbours."""

    def __init__(
        self,
        node: str,
        logs: Logs,
        clock: Clock,
        *,
        seal: Seal,
        parent: Parent | None = None,
        children: Children | None = None,
        say: Say = lambda: None,
        inspection: Inspection | None = None,
        snapshots: SnapshotParts | None = None,
        told: Told | None = None,
    ) -> None:
        """Link ``node`` to the neighbours it has, who are told how it is, as ``say`` tells.

        ``seal`` is by what it knows its own events again. ``inspection`` is what they compare with what they hold
        themselves. ``snapshots`` are given to them and loaded from them; ``told`` puts on record that a feed was left.
        """
        self._node = node
        self._parent_code = None if parent is None else parent.code
        self._tasks = tasks = Tasks()
        means = Means(
            node=node, logs=logs, clock=clock, tasks=tasks, say=say, inspection=inspection, snapshots=snapshots
        )
        self._parent_side: ParentSide | None = None
        self._children_side: ChildrenSide | None = None
        aside = None
        if children is not None:
            aside = Aside(children.wire, children.scopes, batches=children.batches, clock=clock, tasks=tasks)
        if parent is not None:
            self._parent_side = ParentSide(parent, means, children=children, aside=aside, told=told)
        if children is not None and aside is not None:
            self._children_side = ChildrenSide(children, means, seal=seal, aside=aside, parent=self._parent_side)

    @property
    def verifying(self) -> Verifying | None:
        """The node's comparisons with its parent; None where there is none."""
        return None if self._parent_side is None else self._parent_side.verifying

    def recorded(self, recorded: Sequence[Recorded]) -> None:
        """Hear of events that this process has recorded. A listener of changes."""
        if self._children_side is not None:
            for one in recorded:
                self._children_side.returns.recorded(one.log, one.seq)
        self.heard(recorded)

    def heard(self, recorded: Sequence[Recorded]) -> None:
        """Hear of events that are on record here: this node's own and others'. A listener of logs."""
        firsts: dict[LogId, int] = {}
        lasts: dict[LogId, int] = {}
        for log, group in groupby(recorded, attrgetter("log")):
            together = list(group)
            firsts.setdefault(log, together[0].seq)
            lasts[log] = together[-1].seq
        for log, last in lasts.items():
            self._reached(log, firsts[log], last)

    def status(self) -> LinkStatus:
        """Return how the link stands."""
        above, below = self._parent_side, self._children_side
        arriving = None if above is None else above.arriving
        behind = None if above is None else above.follower.behind
        return LinkStatus(
            parent=() if above is None else tuple(uplink.status for uplink in above.uplinks),
            children={} if below is None else below.feeds.children,
            stopped=tuple(one for place in self._stopping for one in place.stopped),
            tally=dict(self._tasks.tally),
            parent_code=self._parent_code,
            loads=() if arriving is None else arriving.loads,
            verification=None if self.verifying is None else self.verifying.last,
            unwritable={} if below is None else below.unwritable,
            behind=None if behind is None else behind.events,
            missing={} if behind is None else behind.missing,
        )

    async def replay_batch(self, child: str, data: bytes) -> str | None:
        """Take in once more what a child sent and was set aside; return why it cannot be, or None when it is on record.

        Raises:
            Unavailable: the database does not answer.
        """
        if self._children_side is None:
            return f"{child} is not a child of this node"
        return await self._children_side.replay_batch(child, data)

    async def run(self) -> None:
        """Keep the link until cancelled; then nothing of it is left running. Runs once."""
        try:
            if self._parent_side is not None:
                self._parent_side.start()
            if self._children_side is not None:
                self._children_side.start()
            await asyncio.get_running_loop().create_future()
        finally:
            await self._tasks.end()

    @property
    def _stopping(self) -> Iterator[Follower | Aside | Uplink]:
        """All places where a log may stand still."""
        if self._parent_side is not None:
            yield self._parent_side.follower
        if self._children_side is not None:
            yield self._children_side.aside
        if self._parent_side is not None:
            yield from self._parent_side.uplinks

    def _reached(self, log: LogId, first: int, last: int) -> None:
        """Events ``first`` to ``last`` of a log are on record: whom it concerns hears of it."""
        above, below = self._parent_side, self._children_side
        if log.channel not in UP:
            if below is not None:
                below.broadcasts.appended(log, first, last)
        elif log.origin == self._node:
            if above is not None:
                above.appended(log, last, None)
        elif below is not None:
            below.aside.reached(log, last)
