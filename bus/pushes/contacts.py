"""When devices were heard, how their clocks go, and who is silent: gathered in memory, written every few seconds."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Final, Protocol, TypeVar

import structlog

from domain.devices.commands import ReportDevices
from domain.devices.model import Contact, DeviceState
from domain.organisation.model import Device
from domain.registrations.readings import CodeRead, PushContent, Seen, Weighed
from domain.shared.errors import Unavailable
from domain.shared.ports import Clock

E = TypeVar("E")

WRITTEN_EVERY: Final = 5.0
TIMES_KEPT: Final = 15
TIMES_LEAST: Final = 3
"""Times that a device must have given before its clock is judged."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

Report = Callable[[ReportDevices], Awaitable[object]]

_log = structlog.get_logger(__name__)


class ContactViews(Protocol):
    """What was known of devices when the site was started, and what is enrolled."""

    async def contacts(self) -> Sequence[Contact]:
        """Return when each device was heard last."""
        ...

    async def entity(self, type_: type[E], key: str) -> E | None:
        """Return an entity, or None."""
        ...


class EnrolledDevices(Protocol):
    """The devices that are enrolled."""

    async def find(self, code: str) -> Device | None:
        """Return the device of this code, or None."""
        ...

    async def of_site(self, site: str) -> Sequence[Device]:
        """Return the devices that stand at a site, those among them that are withdrawn."""
        ...


@dataclass(slots=True)
class _Known:
    """What is known of a device.

    Attributes:
        awaited_since: since when it should be heard, though it was not yet.
        is_told: nothing of it has still to be written.
    """

    heard_at: datetime | None
    awaited_since: datetime
    pushes: int = 0
    silent: bool = False
    is_told: bool = False
    offsets: deque[float] = field(default_factory=lambda: deque(maxlen=TIMES_KEPT))
    offset_before: float | None = None

    @property
    def offset(self) -> float | None:
        return self.offset_before if len(self.offsets) < TIMES_LEAST else round(median(self.offsets), 3)

    def forget_clock(self) -> None:
        self.offsets.clear()
        self.offset_before = None


class Contacts:
    """Knows how the devices of a site are."""

    def __init__(
        self, node: str, views: ContactViews, devices: EnrolledDevices, clock: Clock, *, report: Report
    ) -> None:
        """Know of the devices of ``node``.

        Args:
            node: the site.
            views: what was known when it was started.
            devices: how long each may say nothing.
            clock: of the site.
            report: has it put on record.
        """
        self._node = node
        self._views = views
        self._clock = clock
        self._report = report
        self._devices = devices
        self._began = clock.now()
        self._known: dict[str, _Known] = {}
        self._is_loaded = False

    def heard(self, code: str, at: datetime) -> None:
        """Note that a device has pushed something; never blocks."""
        known = self._known.setdefault(code, _Known(heard_at=at, awaited_since=at))
        known.heard_at, known.silent, known.is_told = max(at, known.heard_at or at), False, False
        known.pushes += 1

    def told(self, code: str, content: PushContent, at: datetime) -> None:
        """Note the time that a device gives in a push of ``at``, unless that was sent again after an outage."""
        said: list[Seen | Weighed | CodeRead] = [*content.seen, *content.weighed, *content.codes]
        fresh = [one.device_time for one in said if not one.retransmitted]
        fresh += [one.device_time for one in content.radiation]
        times = [time for time in fresh if time is not None]
        if times and code in self._known:
            self._known[code].offsets.append((max(times) - at).total_seconds())

    def state(self, code: str) -> DeviceState | None:
        """Return how a device is now; None when it was never heard and may be silent."""
        known = self._known.get(code)
        return None if known is None else self._state(code, known)

    def states(self) -> Sequence[DeviceState]:
        """Return how all are that were ever heard or should be, by code. May be called from any thread."""
        return [self._state(code, known) for code, known in sorted(self._known.copy().items())]

    async def run(self) -> None:
        """Write every few seconds what is new, until cancelled; what goes wrong is tried again the next time."""
        while True:
            try:
                await self.turn()
            except Unavailable as refusal:
                _log.warning("devices_not_reported", error=repr(refusal))
            except Exception:  # noqa: BLE001 - logged; a site that does not know how its devices are still works
                _log.exception("devices_not_reported")
            await asyncio.sleep(WRITTEN_EVERY)

    async def turn(self) -> None:
        """See who has become silent, and have all that is new put on record in one change.

        Raises:
            Unavailable: the database takes nothing; it stays new.
        """
        if not self._is_loaded:
            await self._load()
        now = self._clock.now()
        await self._await_enrolled(now)
        for code, known in list(self._known.items()):
            await self._judge(code, known, now)
        new: Mapping[str, DeviceState] = {
            code: self._state(code, known) for code, known in self._known.items() if not known.is_told
        }
        if new:
            await self._report(ReportDevices(states=tuple(new.values())))
        for code, state in new.items():
            self._known[code].is_told = self._state(code, self._known[code]) == state

    async def _await_enrolled(self, now: datetime) -> None:
        """Begin to wait for the devices that should be heard and never were.

        One that was silent already when the site was started is silent until it is heard.
        """
        for device in await self._devices.of_site(self._node):
            if device.code in self._known or device.silent_after is None or device.withdrawn_at is not None:
                continue
            before = await self._views.entity(DeviceState, device.code)
            was_silent = before is not None and before.silent
            since = _LONG_AGO if was_silent else now
            self._known.setdefault(
                device.code, _Known(heard_at=None, awaited_since=since, silent=was_silent, is_told=True)
            )

    async def _judge(self, code: str, known: _Known, now: datetime) -> None:
        """A device has its time anew when the site is started, unless it was silent already.

        One that is withdrawn may be silent, and its clock matters no more.
        """
        device = await self._devices.find(code)
        heard_at = known.heard_at or known.awaited_since
        since = heard_at if known.silent else max(heard_at, self._began)
        is_withdrawn = device is None or device.withdrawn_at is not None
        if is_withdrawn:
            known.forget_clock()
        allowed = None if device is None or is_withdrawn else device.silent_after
        silent = allowed is not None and now - since > allowed
        if silent != known.silent:
            known.silent, known.is_told = silent, False

    async def _load(self) -> None:
        for contact in await self._views.contacts():
            before = await self._views.entity(DeviceState, contact.device)
            known = self._known.get(contact.device)
            if known is None:
                was_silent = before is not None and before.silent
                at = contact.heard_at
                known = _Known(heard_at=at, awaited_since=at, silent=was_silent, is_told=True)
                self._known[contact.device] = known
            known.pushes += contact.pushes
            known.offset_before = None if before is None else before.clock_offset_seconds
        self._is_loaded = True

    def _state(self, code: str, known: _Known) -> DeviceState:
        return DeviceState(
            code=code,
            node=self._node,
            last_heard_at=known.heard_at,
            clock_offset_seconds=known.offset,
            silent=known.silent,
            pushes=known.pushes,
        )
