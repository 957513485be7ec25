"""Where devices push what they see by HTTP: ``POST /devices/{code}/push``."""

from collections.abc import Mapping
from typing import Final, get_args

import orjson
from starlette.types import Receive, Scope, Send

from api import bodies
from api.device_keys import key_in
from bus.pushes.answers import PushAnswer, PushStatus
from bus.pushes.intake import Intake
from domain.organisation.errors import DeviceRefused
from domain.registrations.quarantine import QUARANTINE_BODY_MAX
from domain.registrations.readings import Push
from domain.shared.errors import Unavailable

RETRY_AFTER_SECONDS = 5
ROOM_AFTER_SECONDS = 300

TAKEN, REFUSED, TOO_LARGE, QUARANTINED, LATER, FULL = 200, 401, 413, 422, 503, 507

_CODES: Final[Mapping[PushStatus, int]] = dict.fromkeys(get_args(PushStatus), TAKEN) | {
    "quarantined": QUARANTINED,
    "not_kept": FULL,
    "unavailable": LATER,
    "refused": REFUSED,
}
_CONTENT_TYPE = b"content-type"
_EXTRA = {
    REFUSED: [(b"www-authenticate", b"Bearer, Basic")],
    TOO_LARGE: [(b"connection", b"close")],
    LATER: [(b"retry-after", str(RETRY_AFTER_SECONDS).encode())],
    FULL: [(b"connection", b"close"), (b"retry-after", str(ROOM_AFTER_SECONDS).encode())],
}


class DevicePush:
    """The endpoint ``POST /devices/{code}/push``."""

    def __init__(self, intake: Intake) -> None:
        """Hand pushes to ``intake``."""
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one push."""
        answer, is_complete = await self._answer(scope, receive)
        code = _CODES[answer.status] if is_complete or answer.status != "quarantined" else TOO_LARGE
        content = orjson.dumps(answer.document())
        headers = [(_CONTENT_TYPE, b"application/json"), (b"content-length", str(len(content)).encode())]
        headers += _EXTRA.get(code, ())
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[PushAnswer, bool]:
        """Return the answer, and whether the whole body was read."""
        try:
            device = await self._intake.device(scope["path_params"]["code"], key_in(scope))
        except DeviceRefused as refusal:
            return PushAnswer(status="refused", problem=refusal), True
        except Unavailable as unavailable:
            return PushAnswer(status="unavailable", problem=unavailable), True
        body, is_complete = await bodies.read(receive, QUARANTINE_BODY_MAX)
        return await self._intake.take(device, Push(content_type=_content_type(scope), body=body)), is_complete


def _content_type(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == _CONTENT_TYPE), "")
