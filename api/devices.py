"""Where devices push what they see. A known device is always answered.

What can be read of a push is always taken, and the rest is kept as long as quarantine has room for the device.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from api import bodies, push_reading
from api.device_keys import key_in
from api.doors import Doors
from api.known_devices import KnownDevices
from api.refusals import DeviceRefused
from domain.identifiers.plates import PlateUnreadable, plate
from domain.organisation.model import Device
from domain.registrations.commands import QuarantinePush, TakeReadings
from domain.registrations.errors import QuarantineFull
from domain.registrations.intake import Taken
from domain.registrations.quarantine import QUARANTINE_BODY_MAX
from domain.registrations.readings import Push, PushContent, PushUnreadable, Seen
from domain.shared.actors import Actor, Role
from domain.shared.errors import Refusal, Unavailable

RETRY_AFTER_SECONDS = 5
ROOM_AFTER_SECONDS = 300

TAKEN, REFUSED, TOO_LARGE, QUARANTINED, LATER, FULL = 200, 401, 413, 422, 503, 507

_DEVICE = frozenset({Role.DEVICE})
_STATUSES = ("registered", "merged", "duplicate")
_CONTENT_TYPE = b"content-type"
_EXTRA = {
    REFUSED: [(b"www-authenticate", b"Bearer, Basic")],
    TOO_LARGE: [(b"connection", b"close")],
    LATER: [(b"retry-after", str(RETRY_AFTER_SECONDS).encode())],
    FULL: [(b"connection", b"close"), (b"retry-after", str(ROOM_AFTER_SECONDS).encode())],
}
_log = structlog.get_logger(__name__)

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A push of a device that has proved itself."""

    device: Device
    actor: Actor
    push: Push
    complete: bool
    received_at: datetime


class DevicePush:
    """The endpoint ``POST /devices/{code}/push``."""

    def __init__(self, doors: Doors, devices: KnownDevices) -> None:
        """Take pushes of ``devices``."""
        self._doors = doors
        self._devices = devices

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one push."""
        status, answer = await self._answer(scope, receive)
        content = orjson.dumps(answer)
        headers = [(_CONTENT_TYPE, b"application/json"), (b"content-length", str(len(content)).encode())]
        headers += _EXTRA.get(status, ())
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        try:
            device = await self._devices.find(scope["path_params"]["code"])
            if device is None or device.site != self._doors.node or not device.accepts(key_in(scope)):
                return REFUSED, {"status": "refused", "problem": _problem(DeviceRefused())}
            return await self._settle(await self._arrival(device, scope, receive))
        except Unavailable as unavailable:
            return LATER, {"status": "unavailable", "problem": _problem(unavailable)}

    async def _arrival(self, device: Device, scope: Scope, receive: Receive) -> _Arrival:
        body, complete = await bodies.read(receive, QUARANTINE_BODY_MAX)
        return _Arrival(
            device,
            Actor(name=device.code, roles=_DEVICE),
            Push(content_type=_content_type(scope), body=body),
            complete,
            self._doors.clock.now(),
        )

    async def _settle(self, arrival: _Arrival) -> Answer:
        try:
            content = await push_reading.read(arrival.push, arrival.device, self._doors.formats)
            return TAKEN, await self._take(content, arrival)
        except Unavailable:
            raise
        except PlateUnreadable as refusal:
            return await self._take_readable(content.seen, refusal, arrival)
        except Refusal as refusal:
            return await self._quarantine(refusal, arrival)
        except Exception:  # noqa: BLE001 - a fault of ours must not lose what a device saw
            _log.exception("push_failed", device=arrival.device.code)
            return await self._quarantine(PushUnreadable("malformed", "The push could not be taken."), arrival)

    async def _take(self, content: PushContent, arrival: _Arrival) -> dict[str, Any]:
        if not content.seen:
            return {"status": "heartbeat"}
        readings = [_outcome(each) for each in await self._dispatch_readings(content.seen, arrival)]
        statuses = {each["status"] for each in readings}
        return {"status": next(each for each in _STATUSES if each in statuses), "readings": readings}

    async def _take_readable(self, seen: Sequence[Seen], refusal: PlateUnreadable, arrival: _Arrival) -> Answer:
        readable = tuple(each for each in seen if _is_readable(each))
        taken = await self._dispatch_readings(readable, arrival) if readable else ()
        status, answer = await self._quarantine(refusal, arrival)
        return status, {**answer, "readings": [_outcome(each) for each in taken]}

    async def _dispatch_readings(self, seen: tuple[Seen, ...], arrival: _Arrival) -> tuple[Taken, ...]:
        command = TakeReadings(device=arrival.device.code, seen=seen, received_at=arrival.received_at)
        taken: tuple[Taken, ...] = await self._doors.dispatcher.dispatch(command, arrival.actor)
        return taken

    async def _quarantine(self, refusal: Refusal, arrival: _Arrival) -> Answer:
        command = QuarantinePush(
            device=arrival.device.code,
            push=arrival.push,
            size=len(arrival.push.body),
            reason=refusal.reason if isinstance(refusal, PushUnreadable) else refusal.code.lower(),
            message=refusal.message,
            received_at=arrival.received_at,
        )
        push_id = await self._doors.dispatcher.dispatch(command, arrival.actor)
        if push_id is None:
            return FULL, {"status": "not_kept", "readings": [], "problem": _problem(QuarantineFull())}
        _log.warning("push_quarantined", device=command.device, reason=command.reason, size=command.size)
        answer = {"status": "quarantined", "readings": [], "pushId": push_id, "problem": _problem(refusal)}
        return (QUARANTINED if arrival.complete else TOO_LARGE), answer


def _is_readable(seen: Seen) -> bool:
    try:
        plate(seen.plate, seen.country)
    except PlateUnreadable:
        return False
    return True


def _outcome(taken: Taken) -> dict[str, Any]:
    return {
        "status": taken.status,
        "registrationId": taken.registration_id,
        "passageId": taken.passage_id,
        "late": taken.late,
    }


def _problem(refusal: Refusal) -> dict[str, str]:
    return {"code": refusal.code, "message": refusal.message}


def _content_type(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == _CONTENT_TYPE), "")
