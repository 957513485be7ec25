"""Quarantine: where what known devices send waits that nobody can read, within a budget per device."""

import hashlib

from domain.registrations.commands import QuarantinePush, SetPushAside
from domain.registrations.errors import QuarantinedPushSettled, QuarantinedPushUnknown
from domain.registrations.events import PushQuarantined, PushSetAside, QuarantineFilled
from domain.registrations.model import QuarantineTally
from domain.registrations.ports import RegistrationsChange
from domain.shared.quarantine import QuarantineState
from domain.shared.texts import required

QUARANTINE_BODY_MAX = 32 * 1024 * 1024

# Budget of each device, set in November 2026: a day of a push every nine seconds; little for the disk of a site.
DEVICE_BYTES_MAX = 64 * 1024 * 1024
DEVICE_PUSHES_MAX = 10_000


async def quarantine_push(command: QuarantinePush, change: RegistrationsChange) -> str | None:
    """Keep a push that cannot be taken, once for as long as it is held, and return its id.

    Bodies beyond ``QUARANTINE_BODY_MAX`` lose their tail. What is beyond the budget of its device is counted and not
    kept: then there is no id. It would be a refusal, but a refusal leaves nothing on record. So is what comes while the
    disk of the node is nearly full; nothing is put on record then, and the node raises an alarm itself.
    """
    kept = command.push.body[:QUARANTINE_BODY_MAX]
    digest = hashlib.sha256(kept).hexdigest()
    held = await change.quarantine.held(command.device, digest)
    if held is not None:
        return held
    if not await change.quarantine.has_room():
        await change.quarantine.count_refused(command.device)
        return None
    tally = await change.quarantine.tally(command.device)
    if tally.held >= DEVICE_PUSHES_MAX or tally.size + command.size > DEVICE_BYTES_MAX:
        await _refuse(tally, change)
        return None
    return await _keep(command, kept, digest, change)


async def set_push_aside(command: SetPushAside, change: RegistrationsChange) -> None:
    """Take a push out of quarantine for good.

    Raises:
        TextMissing, TextTooLong: no reason is given, or too much of it.
        QuarantinedPushUnknown, QuarantinedPushSettled: it is not held.
    """
    reason = required(command.reason, "reason")
    await check_held(command.push_id, change)
    await change.record(PushSetAside(push_id=command.push_id, reason=reason))


async def check_held(push_id: str, change: RegistrationsChange) -> None:
    """Refuse what is not held at this node.

    Raises:
        QuarantinedPushUnknown, QuarantinedPushSettled: it is not.
    """
    push = await change.quarantine.find(push_id)
    if push is None or push.node != change.node:
        raise QuarantinedPushUnknown(path=("pushId",))
    if push.state is not QuarantineState.HELD:
        raise QuarantinedPushSettled(path=("pushId",), state=push.state.value)


async def _keep(command: QuarantinePush, kept: bytes, digest: str, change: RegistrationsChange) -> str:
    push_id = change.new_id()
    await change.quarantine.keep(push_id, kept)
    await change.record(
        PushQuarantined(
            push_id=push_id,
            node=change.node,
            device=command.device,
            content_type=command.push.content_type[:200],
            digest=digest,
            size=command.size,
            truncated=command.size > len(kept),
            reason=command.reason,
            message=command.message,
            received_at=command.received_at,
        )
    )
    return push_id


async def _refuse(tally: QuarantineTally, change: RegistrationsChange) -> None:
    """Count a push that is not kept. The first one since a push of the device left quarantine is put on record."""
    await change.quarantine.count_refused(tally.device)
    if tally.full_since is None:
        stand = await change.lanes.stand_of(tally.device)
        await change.record(
            QuarantineFilled(
                node=change.node,
                device=tally.device,
                lane="" if stand is None else stand.lane,
                held=tally.held,
                size=tally.size,
                at=change.now,
            )
        )
