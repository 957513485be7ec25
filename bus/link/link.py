"""The link of a node: everything that goes on between it, its parent and its children."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Final

from bus.catalogue import UP
from bus.link.applier import Applier
from bus.link.arriving import Arriving
from bus.link.ascending import Ascending
from bus.link.aside import Aside, header_of
from bus.link.batches import BatchQuarantine
from bus.link.behind import Missing
from bus.link.detours import Detours
from bus.link.digests import ParentHoldings
from bus.link.epochs import Epochs
from bus.link.feeds import Feeds
from bus.link.floors import Above, Floors
from bus.link.follower import Follower, wanted_of
from bus.link.heartbeats import ChildStatus, Say
from bus.link.leaving import Told
from bus.link.ledger import Ledger
from bus.link.loading import Loading
from bus.link.messages import KEPT, NOT_KEPT, NOT_NOW, Confirmations, Confirmed, Refused, encode
from bus.link.outflow import Outflow
from bus.link.recalling import NotSupplied, Recalling
from bus.link.recent import RecentBatches
from bus.link.returns import Returns
from bus.link.sending import Outlet
from bus.link.snapshots import SnapshotParts
from bus.link.stopped import Stopped
from bus.link.tasks import Tasks
from bus.link.uplink import Uplink, WireStatus
from bus.link.verifying import Inspection, Verifying
from bus.link.wire import CHANNELS, ChildrenWire, ParentWire, Question, Stream, Unreachable
from bus.recorded import Recorded
from bus.replication import FLOOR, LogId, Pace, PackedBatch
from bus.replication.ports import Applied, Logs
from bus.replication.receiver import Apply
from bus.replication.seal import Seal
from bus.verification.differences import Verification
from domain.shared.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The way to a node's parent.

    Attributes:
        code: of the parent.
        scopes: whose feeds this node holds; `EVERY_FEED` for all.
        bulk, alarms: a connection for each stream.
        process: a number drawn when this process started, which tells it from others that say they are this node.
    """

    code: str
    scopes: Sequence[str]
    bulk: ParentWire
    alarms: ParentWire
    process: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """The way to a node's children.

    Attributes:
        scopes: whose feeds each child may have, by its code; `EVERY_FEED` for all. Who is not here is refused. It may
            change while the node runs.
    """

    wire: ChildrenWire
    scopes: Mapping[str, Sequence[str]]
    batches: BatchQuarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """How the link stands.

    Attributes:
        parent: each connection towards the parent; empty at the centre.
        children: what each child said last of itself.
        stopped: feeds, and logs on their way up, that stand still because the next of their events cannot be taken here
            or at the parent.
        tally: how often something went wrong since the start, by name.
        parent_code: code of the parent; None at the centre.
        loads: feeds that are being loaded from snapshots, or wait to be.
        verification: what came of the last comparison with the parent, or of the one under way.
        unwritable: streams of this node that its broker could not write when it was looked at last, and why.
        behind: how many events are still to come from the parent; None: it has not said yet, or there is none.
        missing: the logs of which they are.
    """

    parent: tuple[WireStatus, ...]
    children: Mapping[str, ChildStatus]
    stopped: tuple[Stopped, ...]
    tally: Mapping[str, int]
    parent_code: str | None = None
    loads: Sequence[Loading] = ()
    verification: Verification | None = None
    unwritable: Mapping[Stream, str] = field(default_factory=dict)
    behind: int | None = None
    missing: Mapping[LogId, Missing] = field(default_factory=dict)


_FLOORS: Final = {Stream.ALARMS: 8 * FLOOR, Stream.BULK: FLOOR}
"""Bytes that may be on their way whatever the line: an alarm does not wait for the acknowledgement of another."""

ALONE: Final = LinkStatus(parent=(), children={}, stopped=(), tally={})
"""The state of a node without neighbours."""


class Link:
    """What links a node to its neighbours.

    Attributes:
        verifying: the node's comparisons with its parent; None where there is none.
    """

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
        self._logs = logs
        self._clock = clock
        self._parent = parent
        self._children = children
        self._say = say
        self._tasks = Tasks()
        self._recent = RecentBatches()
        self._ledger = Ledger(logs)
        self._epochs = Epochs(logs, self._tasks)
        self._snapshots = snapshots
        self._arriving: Arriving | None = None
        self._uplinks: tuple[Uplink, ...] = ()
        self._follower: Follower | None = None
        self._feeds: Feeds | None = None
        self._aside: Aside | None = None
        self.verifying: Verifying | None = None
        self._appliers: Mapping[Stream, Applier] = {}
        if parent is not None:
            self._arriving = None if snapshots is None else self._make_arriving(parent, snapshots, told)
            self._follower = Follower(
                parent.bulk,
                self._recalling(parent, parent.bulk),
                parent=parent.code,
                scopes=parent.scopes,
                below={} if children is None else children.scopes,
                logs=logs,
                clock=clock,
                tasks=self._tasks,
                loader=None if self._arriving is None else self._arriving.loader,
            )
            self._uplinks = (
                self._uplink(Stream.ALARMS, parent, parent.alarms, None),
                self._uplink(Stream.BULK, parent, parent.bulk, self._follower),
            )
            self.verifying = None if inspection is None else self._verifier(inspection, parent, self._follower)
        if children is not None:
            self._look_after(children, seal, inspection)

    def heard(self, recorded: Sequence[Recorded]) -> None:
        """Hear of events that are on record here: this node's own and others'. A listener of changes and of logs."""
        firsts: dict[LogId, int] = {}
        lasts: dict[LogId, int] = {}
        for log, group in groupby(recorded, attrgetter("log")):
            together = list(group)
            firsts.setdefault(log, together[0].seq)
            lasts[log] = together[-1].seq
        for log, last in lasts.items():
            if log.channel not in UP:
                if self._feeds is not None:
                    self._feeds.appended(log, firsts[log], last)
            elif log.origin == self._node:
                self._appended(log, last, None)
            elif self._aside is not None:
                self._aside.reached(log, last)

    def status(self) -> LinkStatus:
        """Return how the link stands."""
        return LinkStatus(
            parent=tuple(uplink.status for uplink in self._uplinks),
            children={} if self._feeds is None else self._feeds.children,
            stopped=tuple(one for place in self._stopping for one in place.stopped),
            tally=dict(self._tasks.tally),
            parent_code=None if self._parent is None else self._parent.code,
            loads=() if self._arriving is None else self._arriving.loads,
            verification=None if self.verifying is None else self.verifying.last,
            unwritable={} if self._children is None else dict(self._children.wire.unwritable),
            behind=None if self._follower is None else self._follower.behind.events,
            missing={} if self._follower is None else self._follower.behind.missing,
        )

    async def replay_batch(self, child: str, data: bytes) -> str | None:
        """Take in once more what a child sent and was set aside; return why it cannot be, or None when it is on record.

        Raises:
            Unavailable: the database does not answer.
        """
        header = header_of(data)
        is_alarms = header is not None and header.log.channel in CHANNELS[Stream.ALARMS]
        applier = self._appliers.get(Stream.ALARMS if is_alarms else Stream.BULK)
        return f"{child} is not a child of this node" if applier is None else await applier.replay(child, data)

    @property
    def _stopping(self) -> Iterator[Follower | Aside | Uplink]:
        """All places where a log may stand still."""
        yield from (place for place in (self._follower, self._aside, *self._uplinks) if place is not None)

    async def run(self) -> None:
        """Keep the link until cancelled; then nothing of it is left running. Runs once."""
        try:
            self._climb()
            self._serve()
            await asyncio.get_running_loop().create_future()
        finally:
            await self._tasks.end()

    def _uplink(self, stream: Stream, parent: Parent, wire: ParentWire, follower: Follower | None) -> Uplink:
        outlet = Outlet(
            wire=wire,
            outflow=Outflow(Pace(_FLOORS[stream])),
            logs=self._logs,
            ledger=self._ledger,
            recent=self._recent,
            tasks=self._tasks,
        )
        recalling = self._recalling(parent, wire)
        ascending = Ascending(
            stream, outlet, recalling, self._epochs, node=self._node, parent=parent.code, clock=self._clock
        )
        return Uplink(
            stream,
            outlet,
            ascending,
            process=parent.process,
            clock=self._clock,
            relay=self._relay,
            follower=follower,
            arriving=None if follower is None else self._arriving,
            say=self._say,
        )

    def _make_arriving(self, parent: Parent, snapshots: SnapshotParts, told: Told | None) -> Arriving:
        return Arriving.through(
            parent.bulk,
            snapshots,
            here=self._node,
            parent=parent.code,
            wanted=wanted_of(parent.scopes),
            logs=self._logs,
            tasks=self._tasks,
            keeps=self._children is not None,
            told=told,
        )

    def _verifier(self, inspection: Inspection, parent: Parent, follower: Follower) -> Verifying:
        return Verifying(
            inspection,
            ParentHoldings(parent.bulk),
            here=self._node,
            there=parent.code,
            concerns=follower.concerns,
            clock=self._clock,
            tasks=self._tasks,
        )

    def _climb(self) -> None:
        """Start what concerns the parent."""
        if self._parent is None or self._follower is None:
            return
        alarms, bulk = self._uplinks
        follower = self._follower
        hear = partial(self._parent.bulk.run, feeds=follower.wanted, confirmations=bulk.hear, broadcast=follower.hear)
        hear_alarms = partial(self._parent.alarms.run, feeds=(), confirmations=alarms.hear, broadcast=follower.hear)
        self._tasks.forever("bulk wire", hear)
        self._tasks.forever("alarms wire", hear_alarms)
        for uplink in self._uplinks:
            self._tasks.forever("uplink", uplink.run)
            self._tasks.forever("ticks", uplink.tick)
        self._tasks.forever("ledger", self._ledger.run)
        self._tasks.forever("follower", follower.run)
        if self._arriving is not None:
            self._arriving.start(self._tasks)
        if self.verifying is not None:
            self._tasks.forever("verifying", self.verifying.run)

    def _serve(self) -> None:
        """Start what concerns the children."""
        if self._children is None or self._feeds is None:
            return
        self._tasks.forever("children wire", partial(self._children.wire.run, self._feeds.answer))
        self._tasks.forever("feeds", self._feeds.run)
        for stream, applier in self._appliers.items():
            self._tasks.forever(f"{stream} applier", applier.run)

    def _look_after(self, children: Children, seal: Seal, inspection: Inspection | None) -> None:
        """Make what the children need."""
        self._aside = aside = Aside(
            children.wire, children.scopes, batches=children.batches, clock=self._clock, tasks=self._tasks
        )
        detours = Detours(children.scopes, self._logs)
        self._feeds = Feeds(
            children.wire,
            children.scopes,
            logs=self._logs,
            clock=self._clock,
            tasks=self._tasks,
            is_owner=self._parent is None,
            say=self._say,
            holdings=None if inspection is None else inspection.custody,
            hand_back=aside.hand_back,
            detours=detours,
            returns=Returns(self._node, seal, self._logs, self._tasks, self._pass_up),
            snapshots=self._snapshots,
            floors=Floors(children.scopes, self._logs, self._tasks, self._above(self._parent)),
        )
        self._appliers = {stream: self._applier(stream, children, aside, detours, self._feeds) for stream in Stream}

    def _applier(self, stream: Stream, children: Children, aside: Aside, detours: Detours, feeds: Feeds) -> Applier:
        return Applier(
            stream,
            children.wire,
            children.scopes,
            logs=self._logs,
            tasks=self._tasks,
            aside=aside,
            detours=detours,
            passed=self._passed,
            has_heard=feeds.heartbeats.has_heard,
        )

    def _appended(self, log: LogId, last: int, via: str | None) -> None:
        for uplink in self._uplinks:
            uplink.appended(log, last, via)

    def _passed(self, child: str, applied: Applied, batch: PackedBatch) -> None:
        """A child's batch is on record here: it goes on to the parent."""
        if self._parent is not None:
            if isinstance(applied.verdict, Apply) and applied.verdict.skip == 0:
                self._recent.add(batch)
            self._appended(batch.header.log, applied.held.head.seq, child)

    def _recalling(self, parent: Parent, wire: ParentWire) -> Recalling:
        return Recalling(wire, self._logs, self._tasks, node=self._node, parent=parent.code, set_aside=self._set_aside)

    def _above(self, parent: Parent | None) -> Above | None:
        if parent is None:
            return None
        uplinks = self._uplinks
        return Above(self._recalling(parent, parent.bulk), lambda: all(uplink.status.up for uplink in uplinks))

    async def _pass_up(self, data: bytes) -> bytes:
        """Give what a child gives back to the parent, and return its answer."""
        if self._parent is None:
            return NOT_KEPT
        try:
            return await self._parent.bulk.ask(Question.RETURN, data)
        except Unreachable:
            return NOT_NOW

    async def _set_aside(self, log: LogId, data: bytes, reason: str) -> None:
        """Keep events of another node that give way to the parent's history: here, or at the parent.

        Raises:
            Unavailable, Unreachable, NotSupplied: they are not kept, and must not go yet.
        """
        if self._aside is not None:
            await self._aside.give_way(log.origin, data, reason)
        elif self._parent is not None:
            answer = await self._parent.bulk.ask(Question.REFUSED, encode(Refused(reason, data)))
            if answer != KEPT:
                raise NotSupplied("nobody keeps what gives way")

    def _relay(self, child: str, about: list[Confirmed]) -> None:
        """The centre has committed what came through a child: the child is told at once."""
        if self._children is not None:
            word = encode(Confirmations(about))
            self._tasks.once("relay", partial(self._children.wire.confirm, child, word))
