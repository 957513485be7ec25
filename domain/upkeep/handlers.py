"""How what is in quarantine is tried again, or given up."""

from domain.shared.quarantine import QuarantineState
from domain.shared.texts import required
from domain.upkeep.commands import (
    NoteBatchTaken,
    ReplayEvent,
    ReplayLog,
    ReplayParked,
    ReplayWaiting,
    SetBatchAside,
    SetEventAside,
)
from domain.upkeep.errors import (
    EventStillRefused,
    QuarantinedBatchSettled,
    QuarantinedBatchUnknown,
    QuarantinedEventSettled,
    QuarantinedEventUnknown,
)
from domain.upkeep.model import Replayed
from domain.upkeep.ports import UpkeepChange


async def replay_event(command: ReplayEvent, change: UpkeepChange) -> Replayed:
    """Show an event again.

    Raises:
        QuarantinedEventUnknown, QuarantinedEventSettled: it is not held here.
        EventStillRefused: it still cannot be shown; the fact ``reason`` says why.
    """
    await _require_held_event(command.event_id, change)
    replayed = await change.held_events.replay(command.event_id)
    after = await change.held_events.find(command.event_id)
    if after is not None and after.state is QuarantineState.HELD:
        raise EventStillRefused(path=("eventId",), reason=after.reason)
    return replayed


async def replay_log(command: ReplayLog, change: UpkeepChange) -> Replayed:
    """Show the held events of a log again."""
    return await change.held_events.replay_log(command.origin, command.epoch, command.channel)


async def replay_parked(_: ReplayParked, change: UpkeepChange) -> Replayed:
    """Show again whatever is parked."""
    return await change.held_events.replay_parked()


async def replay_waiting(command: ReplayWaiting, change: UpkeepChange) -> Replayed:
    """Show again what waits for other events."""
    return await change.held_events.replay_waiting(command.skip, command.limit)


async def set_event_aside(command: SetEventAside, change: UpkeepChange) -> None:
    """Give up showing an event.

    Raises:
        QuarantinedEventUnknown, QuarantinedEventSettled: it is not held here.
        TextMissing, TextTooLong: the reason is none.
    """
    reason = required(command.reason, "reason")
    await _require_held_event(command.event_id, change)
    await change.held_events.set_aside(command.event_id, reason)


async def note_batch_taken(command: NoteBatchTaken, change: UpkeepChange) -> None:
    """Note that a batch could be taken after all, unless that is known."""
    batch = await change.held_batches.find(command.batch_id)
    if batch is not None and batch.state is QuarantineState.HELD:
        await change.held_batches.note_taken(command.batch_id)


async def set_batch_aside(command: SetBatchAside, change: UpkeepChange) -> None:
    """Give up a batch.

    Raises:
        QuarantinedBatchUnknown, QuarantinedBatchSettled: it is not held here.
        TextMissing, TextTooLong: the reason is none.
    """
    reason = required(command.reason, "reason")
    batch = await change.held_batches.find(command.batch_id)
    if batch is None:
        raise QuarantinedBatchUnknown(path=("batchId",))
    if batch.state is not QuarantineState.HELD:
        raise QuarantinedBatchSettled(path=("batchId",), state=batch.state.value)
    await change.held_batches.set_aside(command.batch_id, reason)


async def _require_held_event(event_id: str, change: UpkeepChange) -> None:
    event = await change.held_events.find(event_id)
    if event is None:
        raise QuarantinedEventUnknown(path=("eventId",))
    if event.state is not QuarantineState.HELD:
        raise QuarantinedEventSettled(path=("eventId",), state=event.state.value)
