"""What both sides of a link work with."""

from dataclasses import dataclass

from bus.link.heartbeats import Say
from bus.link.snapshots import SnapshotParts
from bus.link.tasks import Tasks
from bus.link.verifying import Inspection
from bus.replication.ports import Logs
from domain.shared.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a link has at its node.

    Attributes:
        node: code of the node.
        tasks: run the link, both sides of it.
        say: tells the neighbours how the node is.
        inspection: what neighbours compare with what they hold; None: they do not.
        snapshots: are given to children and loaded from the parent; None: they are not.
    """

    node: str
    logs: Logs
    clock: Clock
    tasks: Tasks
    say: Say
    inspection: Inspection | None
    snapshots: SnapshotParts | None
