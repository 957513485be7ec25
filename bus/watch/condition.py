"""How a node and its neighbours are at one moment."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bus.catalogue import ALARMS
from bus.link.heartbeats import milliseconds
from bus.link.messages import Health
from bus.link.status import LinkStatus
from bus.ports import LogStatus
from bus.watch.progress import Unmoved
from domain.devices.model import DeviceState
from domain.upkeep.model import DroppedBatches


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The disk on which a node keeps its files.

    Attributes:
        free, room: bytes that are left, and all there are.
        reusable: bytes within the database's files that hold nothing: they are used before the files grow.
    """

    free: int
    room: int
    reusable: int = 0

    @property
    def left(self) -> int:
        """Bytes that can still be written."""
        return self.free + self.reusable

    def is_below(self, percent: int) -> bool:
        """Tell whether less than that share of the disk is left."""
        return self.left * 100 < self.room * percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that neighbours show each other.

    Attributes:
        owner: code of the node whose it is; of its nats-server that and a word.
        expires_at: from when on nobody accepts it.
    """

    owner: str
    expires_at: datetime


DiskSpace = Callable[[], Awaitable[Disk | None]]
"""Tells of the node's disk; None when it cannot be told."""

Certificates = Callable[[], Sequence[Certificate]]
"""Tells of the certificates of the node and of its children, as far as they are known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a node and its neighbours are.

    Attributes:
        node: its code.
        at: when it was looked at.
        version: of its program.
        logs: how far each log is.
        unmoved: what should get on, and since when it has not.
        clocks_ahead: nodes whose events bore a time far ahead of this node's clock, and when that was seen last.
        sheds: the node gives up what it can do without when its disk fills.
        devices: of the node, as far as any was ever heard.
        pictures: that were kept since the start, and that were not, by the reason.
        held_batches: of neighbours, which could not be taken.
        dropped_batches: of those, which had to make room.
    """

    node: str
    at: datetime
    version: str
    logs: Sequence[LogStatus]
    link: LinkStatus
    unmoved: Sequence[Unmoved] = ()
    disk: Disk | None = None
    certificates: Sequence[Certificate] = ()
    clocks_ahead: Mapping[str, datetime]
    sheds: bool = False
    devices: Sequence[DeviceState] = ()
    pictures: Mapping[str, int] = field(default_factory=dict)
    held_batches: int = 0
    dropped_batches: Sequence[DroppedBatches] = ()

    @property
    def waiting(self) -> int:
        """How many events the centre has not confirmed."""
        return sum(log.waiting for log in self.logs)

    @property
    def oldest(self) -> datetime | None:
        """Time of the oldest of them."""
        return min((log.waiting_since for log in self.logs if log.waiting_since is not None), default=None)

    @property
    def alarms_wait_since(self) -> datetime | None:
        """Time of the oldest event of alarms that waits here: what the parent has waits further up."""
        here = (log.waits_here_since for log in self.logs if log.channel == ALARMS)
        return min((since for since in here if since is not None), default=None)

    @property
    def quarantined(self) -> int:
        """How many events are held that cannot be shown."""
        return sum(log.quarantined for log in self.logs)

    def health(self, now: datetime) -> Health:
        """Return it as neighbours are told it at ``now``."""
        return Health(
            version=self.version,
            now=milliseconds(now),
            waiting=self.waiting,
            oldest=None if self.oldest is None else milliseconds(self.oldest),
            alarms=None if self.alarms_wait_since is None else milliseconds(self.alarms_wait_since),
            quarantined=self.quarantined,
            free=None if self.disk is None else self.disk.left,
            room=None if self.disk is None else self.disk.room,
        )
