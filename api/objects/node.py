"""The node itself, the logs it holds, and its neighbours."""

from datetime import datetime
from typing import Any

import strawberry

from api.context import Info
from api.fields import computed
from api.numbers import Int64
from api.objects.lens import described, lens
from bus import ports
from bus.link.stopped import Stopped
from bus.replication import LogId


@lens(ports.LogStatus, description="How far one log is, as this node knows.")
class LogStatus:
    """A log."""

    origin: str = described("Code of the node whose events it holds.")
    epoch: str = described("Life of that node's log, a number of 63 bits; another one when the node was restored.")
    channel: str = described("What kind of events it holds.")
    seq: Int64 = described("Newest event held here.")
    projected: Int64 = described("Newest event that shows in the tables here.")
    parent: Int64 = described("Newest event that the parent has confirmed.")
    centre: Int64 = described("Newest event that the centre has confirmed.")
    waiting_since: datetime | None = described("Time of the oldest event that the centre has not confirmed.")

    quarantined: Int64 = described("How many of its events are held here but cannot be shown in the tables.")
    via: str | None = described("The child, or the parent, through which it arrives; null for the node's own.")
    waiting: Int64 = described("How many events the centre has not confirmed: the queue. 0 for feeds, which go down.")

    @computed(float, "How long that event has been waiting, in seconds; 0 when none is.")
    def lag_seconds(self, info: Info) -> float:
        """Return the age of the oldest event that the centre has not confirmed."""
        if self.waiting_since is None:
            return 0.0
        return max(0.0, (info.context.doors.clock.now() - self.waiting_since).total_seconds())

    @computed("StoppedLog | None", "Why it stands still, if it does.")
    def stopped(self, info: Info) -> Stopped | None:
        """Return why it stands still."""
        wanted = _log(self)
        return next((one for one in info.context.doors.link().stopped if _log(one) == wanted), None)

    @computed("list[FeedAtChild]", "How far each child says it is in it; empty unless it is a feed.")
    def children(self, info: Info) -> "list[FeedAtChild]":
        """Return how far each child is."""
        log = _log(self)
        children = sorted(info.context.doors.link().children.items())
        return [FeedAtChild(child=code, seq=Int64(one.held[log])) for code, one in children if log in one.held]


@strawberry.type(description="How far a child is in a feed.")
class FeedAtChild:
    """How far a child is in a feed."""

    child: str = strawberry.field(description="Code of the child.")
    seq: Int64 = strawberry.field(description="Newest event that it holds, by its last hello.")


@lens(Stopped, description="A log that stands still: what comes after the event that cannot be taken is not known.")
class StoppedLog:
    """A log that stands still."""

    origin: str = described("Code of the node whose events it holds.")
    epoch: str = described("Life of that node's log, a number of 63 bits.")
    channel: str = described("What kind of events it holds; of a feed module and scope.")
    seq: Int64 = described("The event that cannot be taken, or the first of those among which it is.")
    reason: str = described("Why it cannot. It is tried again once a minute.")
    since: datetime = described("When that was found.")
    kept: bool = described("Its bytes are in the quarantine of the link, at the upper of the two nodes.")


@strawberry.type(description="Something that went wrong on the link to the neighbours.")
class LinkFault:
    """Something that went wrong."""

    name: str = strawberry.field(description="What, as it stands in the log of the program.")
    count: Int64 = strawberry.field(description="How often since the node was started.")


def _log(shown: Any) -> LogId:
    """Return which log a status is of: what is shown here are the models, whose epochs are numbers."""
    return LogId(shown.origin, shown.epoch, shown.channel)
