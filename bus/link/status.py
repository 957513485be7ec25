"""How a link stands, for those who watch it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bus.link.behind import Missing
from bus.link.heartbeats import ChildStatus
from bus.link.loading import Loading
from bus.link.stopped import Stopped
from bus.link.uplink import WireStatus
from bus.link.wire import Stream
from bus.replication import LogId
from bus.verification.differences import Verification


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


ALONE: Final = LinkStatus(parent=(), children={}, stopped=(), tally={})
"""The state of a node without neighbours."""
