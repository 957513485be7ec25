"""Looks how a node is, and remembers what it saw."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bus.link.messages import Health
from bus.link.status import LinkStatus
from bus.ports import LogViews
from bus.watch.condition import Certificates, Condition, Disk, DiskSpace
from bus.watch.progress import Progress
from domain.devices.model import DeviceState
from domain.shared.ports import Clock
from domain.upkeep.model import DroppedBatches


class WatchedViews(LogViews, Protocol):
    """What a node looks up of itself."""

    async def held_batch_count(self) -> int:
        """Return how many batches are held that could not be taken."""
        ...

    async def dropped_batches(self) -> Sequence[DroppedBatches]:
        """Return how many batches had to make room, by child."""
        ...


async def _unknown() -> Disk | None:
    return None


class Observer:
    """Looks how a node is.

    Attributes:
        last: what it saw last; None before the first look. May be read from any thread.
    """

    def __init__(
        self,
        node: str,
        version: str,
        *,
        views: WatchedViews,
        link: Callable[[], LinkStatus],
        clock: Clock,
        disk: DiskSpace = _unknown,
        certificates: Certificates = lambda: (),
        clocks_ahead: Mapping[str, datetime],
        sheds: bool = False,
        devices: Callable[[], Sequence[DeviceState]] = lambda: (),
        pictures: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """Look at ``node``, whose program is of this version, through these ports."""
        self._node = node
        self._version = version
        self._views = views
        self._link = link
        self._clock = clock
        self._disk = disk
        self._certificates = certificates
        self._clocks_ahead = clocks_ahead
        self._sheds = sheds
        self._devices = devices
        self._pictures = pictures
        self._progress = Progress()
        self.last: Condition | None = None

    async def look(self) -> Condition:
        """Look now.

        Raises:
            Unavailable: the database does not answer.
        """
        logs = await self._views.statuses()
        held_batches = await self._views.held_batch_count()
        link, now = self._link(), self._clock.now()
        self.last = Condition(
            node=self._node,
            at=now,
            version=self._version,
            logs=logs,
            held_batches=held_batches,
            dropped_batches=await self._views.dropped_batches(),
            link=link,
            unmoved=self._progress.look(logs, link, now),
            disk=await self._disk(),
            certificates=self._certificates(),
            clocks_ahead=dict(self._clocks_ahead),
            sheds=self._sheds,
            devices=self._devices(),
            pictures=dict(self._pictures()),
        )
        return self.last

    def say(self) -> Health | None:
        """Tell neighbours how the node was when it was looked at last, and its clock as it is now."""
        return None if self.last is None else self.last.health(self._clock.now())
