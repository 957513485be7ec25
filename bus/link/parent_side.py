"""The side of a link towards the parent: logs go up, feeds come down."""

from functools import partial
from typing import Final

from bus.catalogue import AUDIT
from bus.link.arriving import Arriving
from bus.link.ascending import Ascending
from bus.link.aside import Aside
from bus.link.digests import ParentHoldings
from bus.link.epochs import Epochs
from bus.link.floors import Above
from bus.link.follower import Follower, wanted_of
from bus.link.leaving import Told
from bus.link.ledger import Ledger
from bus.link.means import Means
from bus.link.messages import KEPT, NOT_NOW, Confirmations, Confirmed, Refused, encode
from bus.link.neighbours import Children, Parent
from bus.link.outflow import Outflow
from bus.link.recalling import NotSupplied, Recalling
from bus.link.recent import RecentBatches
from bus.link.sending import Outlet
from bus.link.snapshots import SnapshotParts
from bus.link.uplink import Uplink
from bus.link.verifying import Inspection, Verifying
from bus.link.wire import ParentWire, Question, Stream, Unreachable
from bus.replication import FLOOR, LogId, Pace, PackedBatch
from bus.replication.ports import Applied
from bus.replication.receiver import Apply

_FLOORS: Final = {Stream.ALARMS: 8 * FLOOR, Stream.BULK: FLOOR}
"""Bytes that may be on their way whatever the line: an alarm does not wait for the acknowledgement of another."""


class ParentSide:
    """What goes on between a node and its parent.

    Attributes:
        uplinks: what goes up, alarms ahead of all else.
        follower: what comes down.
        arriving: how feeds come from snapshots, and go; None where there are no snapshots.
        verifying: the node's comparisons with its parent; None where there are none.
    """

    def __init__(
        self, parent: Parent, means: Means, *, children: Children | None, aside: Aside | None, told: Told | None
    ) -> None:
        """Link a node to ``parent``.

        Its ``children`` are told what the centre has committed; ``aside`` keeps what of theirs gives way to the
        parent's history. ``told`` puts on record that a feed was left.
        """
        self._parent = parent
        self._means = means
        self._children = children
        self._aside = aside
        self._recent = RecentBatches()
        self._ledger = Ledger(means.logs)
        self._epochs = Epochs(means.logs, means.tasks)
        self.arriving = None if means.snapshots is None else self._make_arriving(means.snapshots, told)
        self.follower = Follower(
            parent.bulk,
            self._recalling(parent.bulk),
            parent=parent.code,
            scopes=parent.scopes,
            below={} if children is None else children.scopes,
            logs=means.logs,
            clock=means.clock,
            tasks=means.tasks,
            loader=None if self.arriving is None else self.arriving.loader,
        )
        self._alarms = self._uplink(Stream.ALARMS, parent.alarms, None)
        self._bulk = self._uplink(Stream.BULK, parent.bulk, self.follower)
        self.uplinks = self._alarms, self._bulk
        self.verifying = None if means.inspection is None else self._make_verifying(means.inspection)

    def start(self) -> None:
        """Start all of it."""
        tasks, follower = self._means.tasks, self.follower
        bulk, alarms = self._parent.bulk.run, self._parent.alarms.run
        hear = partial(bulk, feeds=follower.wanted, confirmations=self._bulk.hear, broadcast=follower.hear)
        hear_alarms = partial(alarms, feeds=(), confirmations=self._alarms.hear, broadcast=follower.hear)
        tasks.forever("bulk wire", hear)
        tasks.forever("alarms wire", hear_alarms)
        for uplink in self.uplinks:
            tasks.forever("uplink", uplink.run)
            tasks.forever("ticks", uplink.tick)
        tasks.forever("ledger", self._ledger.run)
        tasks.forever("follower", follower.run)
        if self.arriving is not None:
            self.arriving.start(tasks)
        if self.verifying is not None:
            tasks.forever("verifying", self.verifying.run)

    def appended(self, log: LogId, last: int, via: str | None) -> None:
        """Hear that a log reaches to ``last``, which came through child ``via``; None: it is this node's own."""
        for uplink in self.uplinks:
            uplink.appended(log, last, via)

    def pass_on(self, child: str, applied: Applied, batch: PackedBatch) -> None:
        """Send what a child sent and is on record here on to the parent."""
        if isinstance(applied.verdict, Apply) and applied.verdict.skip == 0:
            self._recent.add(batch)
        self.appended(batch.header.log, applied.held.head.seq, child)

    async def pass_up(self, data: bytes) -> bytes:
        """Give what a child gives back to the parent, and return its answer."""
        try:
            return await self._parent.bulk.ask(Question.RETURN, data)
        except Unreachable:
            return NOT_NOW

    def above(self) -> Above:
        """Return what can be had of the parent."""
        return Above(self._recalling(self._parent.bulk), lambda: all(uplink.status.up for uplink in self.uplinks))

    def _uplink(self, stream: Stream, wire: ParentWire, follower: Follower | None) -> Uplink:
        node, clock = self._means.node, self._means.clock
        outlet = Outlet(
            wire=wire,
            outflow=Outflow(Pace(_FLOORS[stream])),
            logs=self._means.logs,
            ledger=self._ledger,
            recent=self._recent,
            tasks=self._means.tasks,
        )
        ascending = Ascending(
            stream, outlet, self._recalling(wire), self._epochs, node=node, parent=self._parent.code, clock=clock
        )
        return Uplink(
            stream,
            outlet,
            ascending,
            process=self._parent.process,
            clock=clock,
            relay=self._relay,
            follower=follower,
            arriving=None if follower is None else self.arriving,
            say=self._means.say,
        )

    def _make_arriving(self, snapshots: SnapshotParts, told: Told | None) -> Arriving:
        return Arriving.through(
            self._parent.bulk,
            snapshots,
            here=self._means.node,
            parent=self._parent.code,
            wanted=wanted_of(self._parent.scopes),
            logs=self._means.logs,
            tasks=self._means.tasks,
            keeps=self._children is not None,
            told=told,
        )

    def _make_verifying(self, inspection: Inspection) -> Verifying:
        return Verifying(
            inspection,
            ParentHoldings(self._parent.bulk),
            here=self._means.node,
            there=self._parent.code,
            concerns=self._concerns,
            clock=self._means.clock,
            tasks=self._means.tasks,
        )

    def _concerns(self, log: LogId) -> bool:
        """Tell whether node and parent must both hold a log: of audit trails the node's own and its children's."""
        if log.channel == AUDIT:
            return log.origin in (self._means.node, *(() if self._children is None else self._children.scopes))
        return self.follower.concerns(log)

    def _recalling(self, wire: ParentWire) -> Recalling:
        means = self._means
        return Recalling(
            wire, means.logs, means.tasks, node=means.node, parent=self._parent.code, set_aside=self._set_aside
        )

    async def _set_aside(self, log: LogId, data: bytes, reason: str) -> None:
        """Keep events of another node that give way to the parent's history: here, or at the parent.

        Raises:
            Unavailable, Unreachable, NotSupplied: they are not kept, and must not go yet.
        """
        if self._aside is not None:
            await self._aside.give_way(log.origin, data, reason)
            return
        answer = await self._parent.bulk.ask(Question.REFUSED, encode(Refused(reason, data)))
        if answer != KEPT:
            raise NotSupplied("nobody keeps what gives way")

    def _relay(self, child: str, about: list[Confirmed]) -> None:
        """The centre has committed what came through a child: the child is told at once."""
        if self._children is not None:
            word = encode(Confirmations(about))
            self._means.tasks.once("relay", partial(self._children.wire.confirm, child, word))
