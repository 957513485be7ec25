"""How a push is read, when it comes and when it is tried again: whatever goes wrong ends as a refusal."""

import asyncio
from collections.abc import Mapping

import structlog

from domain.organisation.errors import FormatUnknown
from domain.organisation.model import Device
from domain.registrations.readings import DeviceFormat, Push, PushContent, PushUnreadable

PARSED_BODY_MAX = 8 * 1024 * 1024
PARSED_AT_ONCE_MAX = 256 * 1024
_log = structlog.get_logger(__name__)


async def read(push: Push, device: Device, formats: Mapping[str, DeviceFormat]) -> PushContent:
    """Read a push of a device in the format that the device speaks; large ones beside the event loop.

    Raises:
        PushUnreadable: for whatever cannot be read, a fault of the format included.
        FormatUnknown: this node does not know the format.
    """
    size = len(push.body)
    if size > PARSED_BODY_MAX:
        raise PushUnreadable("too_large", f"The body is larger than {PARSED_BODY_MAX} bytes.")
    form = formats.get(device.format)
    if form is None:
        raise FormatUnknown
    if size <= PARSED_AT_ONCE_MAX:
        return _read(form, push, device)
    return await asyncio.to_thread(_read, form, push, device)


def _read(form: DeviceFormat, push: Push, device: Device) -> PushContent:
    try:
        return form.read(push)
    except PushUnreadable:
        raise
    except Exception as fault:
        _log.exception("format_failed", format=form.name, device=device.code)
        raise PushUnreadable("malformed", "The format could not read this.") from fault
