"""The intake of pushes, the same for every door. A known device is always answered.

What can be read of a push is always taken, and the rest is kept as long as quarantine has room for the device.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from bus.dispatcher import Dispatcher
from bus.pushes import parsing
from bus.pushes.answers import PushAnswer
from bus.pushes.contacts import Contacts
from bus.pushes.gallery import Gallery
from bus.pushes.known_devices import KnownDevices
from domain.identifiers.kind import IdentifierUnreadable
from domain.identifiers.plates import PlateUnreadable
from domain.organisation.errors import DeviceRefused
from domain.organisation.model import Device
from domain.registrations.commands import QuarantinePush, TakeReadings
from domain.registrations.errors import QuarantineFull
from domain.registrations.intake import Taken
from domain.registrations.model import QuarantinedPush
from domain.registrations.readings import DeviceFormat, Push, PushContent, PushUnreadable
from domain.registrations.sightings import readable
from domain.shared.actors import Actor, Role
from domain.shared.errors import Refusal, Unavailable
from domain.shared.ports import Clock

_DEVICE = frozenset({Role.DEVICE})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A push of a device that has proved itself."""

    device: Device
    push: Push
    received_at: datetime

    @property
    def actor(self) -> Actor:
        return Actor(name=self.device.code, roles=_DEVICE)


class Intake:
    """Takes the pushes of the devices of a site."""

    def __init__(
        self,
        node: str,
        dispatcher: Dispatcher,
        devices: KnownDevices,
        *,
        formats: Mapping[str, DeviceFormat],
        clock: Clock,
        gallery: Gallery,
        contacts: Contacts,
    ) -> None:
        """Take pushes of those ``devices`` that stand at the site ``node``.

        Their pictures go into ``gallery``, and ``contacts`` is told how they are.
        """
        self._node = node
        self._dispatcher = dispatcher
        self._devices = devices
        self._formats = formats
        self._clock = clock
        self._gallery = gallery
        self._contacts = contacts

    async def run(self) -> None:
        """Follow what changes about the devices, until cancelled."""
        await self._devices.watch()

    async def device(self, code: str, key: str) -> Device:
        """Return the device of this code that proves itself by its key.

        Raises:
            DeviceRefused: nobody has the code, the device stands elsewhere, or the key is not its own.
            Unavailable: the node cannot tell now.
        """
        device = await self._devices.find(code)
        if device is None or device.site != self._node or not device.accepts(key):
            raise DeviceRefused
        return device

    async def take(self, device: Device, push: Push) -> PushAnswer:
        """Settle a push of a device that has proved itself. What the answer says is committed."""
        arrival = _Arrival(device=device, push=push, received_at=self._clock.now())
        self._contacts.heard(device.code, arrival.received_at)
        try:
            return await self._settle(arrival)
        except Unavailable as unavailable:
            return PushAnswer(status="unavailable", problem=unavailable)

    @asynccontextmanager
    async def read_again(self, device: Device, push: QuarantinedPush, body: bytes) -> AsyncIterator[TakeReadings]:
        """Read a push that is in quarantine, and give the command that takes it, for the time of the block.

        Raises:
            PushUnreadable, FormatUnknown: it still cannot be read, or a part of it.
        """
        content = await parsing.read(Push(content_type=push.content_type, body=body), device, self._formats)
        if content.unread is not None:
            raise content.unread
        async with self._gallery.keeping(content.pictures) as pictures:
            yield TakeReadings.of(content, push.device, push.received_at, pictures=pictures, push_id=push.id)

    async def _settle(self, arrival: _Arrival) -> PushAnswer:
        try:
            content = await parsing.read(arrival.push, arrival.device, self._formats)
            self._contacts.told(arrival.device.code, content, arrival.received_at)
            return await self._take(content, arrival)
        except Unavailable:
            raise
        except (PlateUnreadable, IdentifierUnreadable) as refusal:
            return await self._take_readable(content, refusal, arrival)
        except Refusal as refusal:
            return await self._quarantine(refusal, arrival)
        except Exception:  # noqa: BLE001 - a fault of ours must not lose what a device saw
            _log.exception("push_failed", device=arrival.device.code)
            return await self._quarantine(PushUnreadable("malformed", "The push could not be taken."), arrival)

    async def _take(self, content: PushContent, arrival: _Arrival) -> PushAnswer:
        if content.unread is not None:
            return await self._take_readable(content, content.unread, arrival)
        if content.is_empty:
            return PushAnswer(status="heartbeat")
        return PushAnswer.of(await self._dispatch_readings(content, arrival))

    async def _take_readable(self, content: PushContent, refusal: Refusal, arrival: _Arrival) -> PushAnswer:
        rest = readable(content)
        taken = () if rest.is_empty else await self._dispatch_readings(rest, arrival)
        return await self._quarantine(refusal, arrival, taken)

    async def _dispatch_readings(self, content: PushContent, arrival: _Arrival) -> tuple[Taken, ...]:
        async with self._gallery.keeping(content.pictures) as kept:
            command = TakeReadings.of(content, arrival.device.code, arrival.received_at, pictures=kept)
            taken: tuple[Taken, ...] = await self._dispatcher.dispatch(command, arrival.actor)
        return taken

    async def _quarantine(self, refusal: Refusal, arrival: _Arrival, taken: tuple[Taken, ...] = ()) -> PushAnswer:
        command = QuarantinePush(
            device=arrival.device.code,
            push=arrival.push,
            size=len(arrival.push.body),
            reason=refusal.reason if isinstance(refusal, PushUnreadable) else refusal.code.lower(),
            message=refusal.message,
            received_at=arrival.received_at,
        )
        push_id = await self._dispatcher.dispatch(command, arrival.actor)
        if push_id is None:
            return PushAnswer(status="not_kept", readings=taken, problem=QuarantineFull())
        _log.warning("push_quarantined", device=command.device, reason=command.reason, size=command.size)
        return PushAnswer(status="quarantined", readings=taken, push_id=push_id, problem=refusal)
