"""What takes back something that was done with a train: a decision at any time, one's own last act for ten minutes."""

from datetime import timedelta
from typing import Final

from domain.shared.ports import Change
from domain.shared.texts import required
from domain.trains import folding
from domain.trains.acting import at_hand, stands
from domain.trains.commands import ReopenTrain, UndoTrainAct
from domain.trains.errors import TrainActNotUndone, TrainActNotYours, TrainUndoTooLate
from domain.trains.events import TrainActUndone, TrainReopened
from domain.trains.linking import find_passage
from domain.trains.model import DECIDED, Train, TrainState

UNDO_WITHIN: Final = timedelta(minutes=10)


async def reopen_train(command: ReopenTrain, change: Change) -> Train:
    """Take up a train again on which somebody has decided.

    One that was cancelled is expected again, and may have passed meanwhile; wagons in control still are.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile, TrainStateForbids, TextMissing, TextTooLong: not so.
    """
    train = await at_hand(command.train_id, command.version, change, DECIDED)
    event = TrainReopened(
        train_id=train.id,
        state=_undecided(train),
        by=change.actor.name,
        at=change.now,
        why=required(command.reason, "reason"),
    )
    await change.record(event)
    return await _found_again(folding.reopen(train, event), change)


async def undo_train_act(command: UndoTrainAct, change: Change) -> Train:
    """Take back one's own last act: wagons taken to control, an account, a release, a refusal, a cancellation.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile: not so.
        TrainActNotUndone: nothing of the kind was done last.
        TrainActNotYours, TrainUndoTooLate: it is another officer's, or longer ago than ten minutes.
    """
    train = await at_hand(command.train_id, command.version, change, frozenset(TrainState))
    if train.before is None:
        raise TrainActNotUndone(path=("trainId",), step=tuple(step.what for step in train.steps[-1:]))
    last = train.steps[-1]
    if last.by != change.actor.name:
        raise TrainActNotYours(path=("trainId",))
    if change.now - last.at > UNDO_WITHIN:
        raise TrainUndoTooLate(path=("trainId",))
    event = TrainActUndone(
        train_id=train.id, standing=train.before, what=last.what, by=change.actor.name, at=change.now
    )
    await change.record(event)
    return await _found_again(folding.undo(train, event), change)


def _undecided(train: Train) -> TrainState:
    if train.state is TrainState.CANCELLED:
        return TrainState.EXPECTED
    return TrainState.IN_CONTROL if train.in_control else TrainState.PASSED


async def _found_again(train: Train, change: Change) -> Train:
    if train.state is TrainState.EXPECTED:
        await find_passage(train, change)
    return await stands(train.id, change)
