"""The node itself and the logs it holds."""

from datetime import datetime

from api.context import Info
from api.fields import computed
from api.numbers import Int64
from api.objects.lens import described, lens
from bus import ports


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

    @computed(float, "How long that event has been waiting, in seconds; 0 when none is.")
    def lag_seconds(self, info: Info) -> float:
        """Return the age of the oldest event that the centre has not confirmed."""
        if self.waiting_since is None:
            return 0.0
        return max(0.0, (info.context.doors.clock.now() - self.waiting_since).total_seconds())
