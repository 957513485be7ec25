"""Verkada's LPR web-hook: JSON. The picture is only named, and fetched from the vendor's cloud by whoever wants it."""

from typing import Annotated

import msgspec

from adapters.devices.device_time import epoch_time
from adapters.devices.document import document
from adapters.devices.json_document import decoded
from adapters.devices.observation_id import observation_id
from domain.registrations.readings import Push, PushContent, PushUnreadable, Seen

_MEDIA_TYPES = frozenset({"application/json"})


class _Data(msgspec.Struct, frozen=True, gc=False):
    license_plate_number: str | None = None
    license_plate_state: str | None = None
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    camera_id: str | None = None
    created: float | None = None
    detected: float | None = None


class _Webhook(msgspec.Struct, frozen=True, gc=False):
    webhook_type: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


_WEBHOOK = msgspec.json.Decoder(_Webhook)
_DATA = msgspec.json.Decoder(_Data)


class VerkadaLpr:
    """Reads the LPR web-hooks of Verkada."""

    name = "verkada_lpr"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        webhook = decoded(_WEBHOOK, document(push, media_types=_MEDIA_TYPES, part="json").content)
        if not webhook.webhook_type:
            raise PushUnreadable("missing_field", "The web-hook has no webhook_type.")
        if webhook.webhook_type.lower() != "lpr":
            raise PushUnreadable("unsupported_event", "The web-hook tells of something else than a plate.")
        return PushContent(seen=(_seen(decoded(_DATA, bytes(webhook.data))),))


FORMAT = VerkadaLpr()


def _seen(data: _Data) -> Seen:
    if not data.license_plate_number or data.confidence is None:
        raise PushUnreadable("missing_field", "The web-hook has no license_plate_number or no confidence.")
    return Seen(
        vendor_id=observation_id(data.camera_id, data.created, data.detected, data.license_plate_number),
        plate=data.license_plate_number,
        country=data.license_plate_state or None,
        confidence=data.confidence,
        candidates=(),
        device_time=epoch_time(data.detected) or epoch_time(data.created),
        direction=None,
        vehicle_type=None,
        make=None,
        colour=None,
        retransmitted=False,
    )
