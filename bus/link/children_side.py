"""The side of a link towards the children: their logs are taken in, feeds are served to them."""

from collections.abc import Mapping
from functools import partial

from bus.link.applier import Applier
from bus.link.aside import Aside, header_of
from bus.link.broadcasts import Broadcasts
from bus.link.detours import Detours
from bus.link.feeds import Feeds
from bus.link.floors import Floors
from bus.link.means import Means
from bus.link.messages import NOT_KEPT
from bus.link.neighbours import Children
from bus.link.parent_side import ParentSide
from bus.link.redirecting import Redirecting
from bus.link.returns import Returns
from bus.link.wire import CHANNELS, Stream
from bus.replication import PackedBatch
from bus.replication.ports import Applied
from bus.replication.seal import Seal


class ChildrenSide:
    """What goes on between a node and its children.

    Attributes:
        feeds: what they are answered.
        broadcasts: what they are told unasked.
        aside: what of theirs cannot be taken.
        returns: what they give back.
    """

    def __init__(
        self, children: Children, means: Means, *, seal: Seal, aside: Aside, parent: ParentSide | None
    ) -> None:
        """Link a node to ``children``.

        What cannot be taken is put ``aside``. By its ``seal`` the node knows its own events again; what is for others
        goes on to the ``parent``, None at the centre.
        """
        self._children = children
        self._means = means
        self._parent = parent
        self._detours = Detours(children.scopes, means.logs)
        self.aside = aside
        self.returns = Returns(means.node, seal, means.logs, means.tasks, self._pass_up)
        self.feeds = self._make_feeds()
        self.broadcasts = Broadcasts(children.wire, means.logs, means.tasks)
        self._redirecting = Redirecting(children.wire, means.logs, means.tasks, aside=aside, detours=self._detours)
        self._appliers: Mapping[Stream, Applier] = {stream: self._applier(stream) for stream in Stream}

    def start(self) -> None:
        """Start all of it."""
        tasks = self._means.tasks
        tasks.forever("children wire", partial(self._children.wire.run, self.feeds.answer))
        tasks.forever("broadcasts", self.broadcasts.run)
        for stream, applier in self._appliers.items():
            tasks.forever(f"{stream} applier", applier.run)

    @property
    def unwritable(self) -> Mapping[Stream, str]:
        """Streams that this node's broker could not write when it was looked at last, and why."""
        return dict(self._children.wire.unwritable)

    async def replay_batch(self, child: str, data: bytes) -> str | None:
        """Take in once more what was set aside; see `Link.replay_batch`."""
        header = header_of(data)
        is_alarms = header is not None and header.log.channel in CHANNELS[Stream.ALARMS]
        return await self._appliers[Stream.ALARMS if is_alarms else Stream.BULK].replay(child, data)

    def _make_feeds(self) -> Feeds:
        means, scopes = self._means, self._children.scopes
        above = None if self._parent is None else self._parent.above()
        return Feeds(
            self._children.wire,
            scopes,
            logs=means.logs,
            clock=means.clock,
            tasks=means.tasks,
            is_owner=self._parent is None,
            say=means.say,
            holdings=None if means.inspection is None else means.inspection.custody,
            hand_back=self.aside.hand_back,
            detours=self._detours,
            returns=self.returns,
            snapshots=means.snapshots,
            floors=Floors(scopes, means.logs, means.tasks, above),
        )

    def _applier(self, stream: Stream) -> Applier:
        return Applier(
            stream,
            self._children.wire,
            self._children.scopes,
            logs=self._means.logs,
            tasks=self._means.tasks,
            aside=self.aside,
            redirecting=self._redirecting,
            passed=self._passed,
            has_heard=self.feeds.heartbeats.has_heard,
        )

    def _passed(self, child: str, applied: Applied, batch: PackedBatch) -> None:
        """A child's batch is on record here: it goes on to the parent."""
        if self._parent is not None:
            self._parent.pass_on(child, applied, batch)

    async def _pass_up(self, data: bytes) -> bytes:
        """Give what a child gives back to the parent, and return its answer."""
        return NOT_KEPT if self._parent is None else await self._parent.pass_up(data)
