"""How trains answer their commands: declared, corrected, controlled, accounted for, released."""

from domain.shared.lanes import check_direction
from domain.shared.ports import Change
from domain.shared.texts import optional, required
from domain.trains import folding
from domain.trains.acting import at_hand, stands
from domain.trains.commands import (
    AccountForDifference,
    CancelTrain,
    ControlWagons,
    CorrectTrain,
    DeclareTrain,
    RefuseTrain,
    ReleaseTrain,
)
from domain.trains.consist import consist
from domain.trains.errors import (
    DifferencesUnaccounted,
    DifferenceUnknown,
    WagonNotOfTrain,
)
from domain.trains.events import (
    DifferenceAccounted,
    TrainCorrected,
    TrainDeclared,
    TrainStateChanged,
    WagonsControlled,
)
from domain.trains.linking import compare_again, find_passage
from domain.trains.model import Account, Step, Train, TrainPassage, TrainState

_NUMBER_MAX = 40
_OPEN = (TrainState.EXPECTED, TrainState.PASSING, TrainState.PASSED, TrainState.IN_CONTROL)
_HERE = (TrainState.PASSED, TrainState.IN_CONTROL)


async def declare_train(command: DeclareTrain, change: Change) -> Train:
    """Put a list on record, and link it to a train that has passed without one.

    Raises:
        DirectionUnknown, TextMissing, TextTooLong: a field does not make sense.
        Invalid: the list cannot be that of a train; see `consist`.
    """
    check_direction(command.direction)
    train = Train(
        id=change.new_id(),
        node=change.node,
        number=required(command.number, "number", _NUMBER_MAX),
        direction=command.direction,
        track=optional(command.track, "track", _NUMBER_MAX),
        expected_at=command.expected_at,
        wagons=consist(command.wagons),
        declared_by=change.actor.name,
        declared_at=change.now,
        steps=(Step(what="declared", by=change.actor.name, at=change.now),),
    )
    await change.record(TrainDeclared(train=train))
    await find_passage(train, change)
    return await stands(train.id, change)


async def correct_train(command: CorrectTrain, change: Change) -> Train:
    """Put another list in place of the first, and compare again.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile, TrainStateForbids: it cannot be corrected, or not now.
        DirectionUnknown, TextMissing, TextTooLong: a field does not make sense.
        Invalid: the list cannot be that of a train; see `consist`.
    """
    train = await at_hand(command.train_id, command.version, change, _OPEN)
    check_direction(command.direction)
    event = TrainCorrected(
        train_id=train.id,
        number=required(command.number, "number", _NUMBER_MAX),
        direction=command.direction,
        track=optional(command.track, "track", _NUMBER_MAX),
        expected_at=command.expected_at,
        wagons=consist(command.wagons),
        reason=required(command.reason, "reason"),
        by=change.actor.name,
        at=change.now,
    )
    await change.record(event)
    await compare_again(folding.correct(train, event), change)
    if train.state is TrainState.EXPECTED:
        await find_passage(folding.correct(train, event), change)
    return await stands(train.id, change)


async def cancel_train(command: CancelTrain, change: Change) -> Train:
    """Say that an expected train does not come.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile, TrainStateForbids, TextMissing, TextTooLong: not so.
    """
    train = await at_hand(command.train_id, command.version, change, (TrainState.EXPECTED,))
    return await _further(train, TrainState.CANCELLED, required(command.reason, "reason"), change)


async def control_wagons(command: ControlWagons, change: Change) -> Train:
    """Take wagons of a train that has passed to control.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile, TrainStateForbids, TextMissing, TextTooLong: not so.
        WagonNotOfTrain: neither its list nor the portal has such a wagon.
    """
    train = await at_hand(command.train_id, command.version, change, _HERE)
    passage = await _passage_of(train, change)
    known = {*train.codes, *(code.canonical for code in passage.wagons())}
    wagons = tuple(dict.fromkeys(wagon.strip() for wagon in command.wagons))
    strangers = tuple(wagon for wagon in wagons if wagon not in known)
    if strangers or not wagons:
        raise WagonNotOfTrain(path=("wagons",), codes=strangers)
    event = WagonsControlled(
        train_id=train.id,
        wagons=wagons,
        by=change.actor.name,
        at=change.now,
        why=required(command.reason, "reason"),
    )
    await change.record(event)
    return folding.control(train, event)


async def account_for_difference(command: AccountForDifference, change: Change) -> Train:
    """Say what explains a difference.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile, TrainStateForbids, TextTooLong: not so.
        DifferenceUnknown: the train has no such difference.
    """
    train = await at_hand(command.train_id, command.version, change, _HERE)
    differences = (await _passage_of(train, change)).differences or ()
    if not any(each.kind is command.kind and command.code in each.codes for each in differences):
        raise DifferenceUnknown(path=("code",))
    event = DifferenceAccounted(
        train_id=train.id,
        account=Account(
            kind=command.kind,
            code=command.code,
            reason=command.reason,
            text=optional(command.text, "text"),
            by=change.actor.name,
            at=change.now,
        ),
    )
    await change.record(event)
    return folding.account(train, event)


async def release_train(command: ReleaseTrain, change: Change) -> Train:
    """Let a train go on of which every difference is accounted for.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile, TrainStateForbids, TextTooLong: not so.
        DifferencesUnaccounted: with the kinds and codes that are left.
    """
    train = await at_hand(command.train_id, command.version, change, _HERE)
    left = train.unaccounted((await _passage_of(train, change)).differences or ())
    if left:
        raise DifferencesUnaccounted(
            path=("trainId",),
            kinds=tuple(each.kind.value for each in left),
            codes=tuple(code for each in left for code in each.codes),
        )
    return await _further(train, TrainState.RELEASED, optional(command.note, "note"), change)


async def refuse_train(command: RefuseTrain, change: Change) -> Train:
    """Turn a train back.

    Raises:
        TrainUnknown, NotHere, TrainChangedMeanwhile, TrainStateForbids, TextMissing, TextTooLong: not so.
    """
    train = await at_hand(command.train_id, command.version, change, _HERE)
    return await _further(train, TrainState.REFUSED, required(command.reason, "reason"), change)


async def _further(train: Train, state: TrainState, why: str, change: Change) -> Train:
    event = TrainStateChanged(train_id=train.id, state=state, by=change.actor.name, at=change.now, why=why)
    await change.record(event)
    return folding.come_further(train, event)


async def _passage_of(train: Train, change: Change) -> TrainPassage:
    (passage,) = await change.entities.those(TrainPassage, 1, train_id=train.id)
    return passage
