"""Which declared train it is that passed, and how the two differ."""

from datetime import timedelta

from domain.shared.errors import NotHere
from domain.shared.ports import Change
from domain.trains.commands import EndTrainPassage, LinkTrainPassage
from domain.trains.errors import (
    TrainPassageEndedAlready,
    TrainPassageLinkedAlready,
    TrainPassageNotLinked,
    TrainPassageUnknown,
    TrainStateForbids,
    TrainUnknown,
)
from domain.trains.events import TrainCompared, TrainPassageEnded, TrainPassageLinked, TrainStateChanged
from domain.trains.model import Difference, DifferenceKind, Train, TrainPassage, TrainState
from domain.trains.side_by_side import side_by_side

RECENT = 50
"""Passages that a list declared late may be that of."""

_UNLINKED_FROM = (TrainState.PASSING, TrainState.PASSED)


async def end_passage(passage: TrainPassage, by: str, change: Change) -> None:
    """Put on record that a train has passed, find its list and compare."""
    await change.record(TrainPassageEnded(passage_id=passage.id, by=by, at=passage.last_at))
    await settle(passage.id, change)


async def settle(passage_id: str, change: Change) -> None:
    """Find the list of a train as far as that can be told by now; compare when it has passed."""
    passage = await _passage(passage_id, change)
    if passage.train_id is None and not passage.linked_by_hand:
        train = await _train_of(passage, change)
        if train is not None:
            await _link(passage, train, change, by_hand=False)
            passage = await _passage(passage_id, change)
    if not passage.is_over:
        return
    train = await change.entities.find(Train, passage.train_id) if passage.train_id else None
    if train is not None and train.state is TrainState.PASSING:
        await _come(train, TrainState.PASSED, change)
    await _compare(passage, train, change)


async def find_passage(train: Train, change: Change) -> None:
    """Link a train that was declared late to its passage, if it has passed."""
    recent = await change.entities.those(TrainPassage, RECENT, node=change.node)
    for passage in sorted(recent, key=lambda each: not _has_number(train, each)):
        if passage.train_id is None and not passage.linked_by_hand and _is_of(train, passage):
            await settle(passage.id, change)


async def compare_again(train: Train, change: Change) -> None:
    """Compare a train whose list was corrected with its passage, if it has passed."""
    for passage in await change.entities.those(TrainPassage, 1, train_id=train.id):
        if passage.is_over:
            await _compare(passage, train, change)


async def end_train_passage(command: EndTrainPassage, change: Change) -> TrainPassage:
    """Take an officer's word that a train has passed.

    Raises:
        TrainPassageUnknown, NotHere, TrainPassageEndedAlready: not so.
    """
    passage = await _of_this_site(command.passage_id, change)
    if passage.is_over:
        raise TrainPassageEndedAlready(path=("passageId",))
    await end_passage(passage, change.actor.name, change)
    return await _passage(passage.id, change)


async def link_train_passage(command: LinkTrainPassage, change: Change) -> TrainPassage:
    """Take an officer's word which train has passed, or that it is none of those declared.

    Raises:
        TrainPassageUnknown, TrainUnknown, NotHere: there is none here.
        TrainPassageLinkedAlready: the passage or the train is linked; unlink it first.
        TrainPassageNotLinked: there is nothing to unlink.
        TrainStateForbids: the train that would be unlinked is in control, or decided on.
    """
    passage = await _of_this_site(command.passage_id, change)
    if command.train_id is None:
        await _unlink(passage, change)
    else:
        await _link(passage, await _linkable(passage, command.train_id, change), change, by_hand=True)
    await settle(passage.id, change)
    return await _passage(passage.id, change)


async def _unlink(passage: TrainPassage, change: Change) -> None:
    if passage.train_id is None:
        raise TrainPassageNotLinked(path=("passageId",))
    train = await change.entities.find(Train, passage.train_id)
    if train is not None and train.state not in _UNLINKED_FROM:
        raise TrainStateForbids(path=("passageId",), state=train.state.value)
    await change.record(_linked(passage, None, change, by_hand=True))
    if train is not None:
        await _come(train, TrainState.EXPECTED, change)


async def _linkable(passage: TrainPassage, train_id: str, change: Change) -> Train:
    train = await change.entities.find(Train, train_id)
    if train is None:
        raise TrainUnknown(path=("trainId",))
    if train.node != change.node:
        raise NotHere(train.node, path=("trainId",))
    if passage.train_id is not None or train.state is not TrainState.EXPECTED:
        raise TrainPassageLinkedAlready(path=("trainId",), state=train.state.value)
    return train


async def _link(passage: TrainPassage, train: Train, change: Change, *, by_hand: bool) -> None:
    await change.record(_linked(passage, train.id, change, by_hand=by_hand))
    await _come(train, TrainState.PASSED if passage.is_over else TrainState.PASSING, change)


def _linked(passage: TrainPassage, train_id: str | None, change: Change, *, by_hand: bool) -> TrainPassageLinked:
    return TrainPassageLinked(
        passage_id=passage.id, train_id=train_id, by_hand=by_hand, by=change.actor.name, at=change.now
    )


async def _come(train: Train, state: TrainState, change: Change) -> None:
    await change.record(TrainStateChanged(train_id=train.id, state=state, by=change.actor.name, at=change.now))


async def _train_of(passage: TrainPassage, change: Change) -> Train | None:
    """Return the expected train of the same number; of a train that has passed else the one most like it."""
    expected = await change.entities.those(Train, node=change.node, state=TrainState.EXPECTED)
    same = [train for train in expected if _has_number(train, passage)]
    if same or not passage.is_over:
        return min(same, key=lambda train: (_apart(train, passage), train.id), default=None)
    alike = [train for train in expected if _is_alike(train, passage)]
    return min(alike, key=lambda train: (-_common(train, passage), _apart(train, passage), train.id), default=None)


def _is_of(train: Train, passage: TrainPassage) -> bool:
    return _has_number(train, passage) or (passage.is_over and _is_alike(train, passage))


def _has_number(train: Train, passage: TrainPassage) -> bool:
    return passage.number != "" and train.number == passage.number


def _is_alike(train: Train, passage: TrainPassage) -> bool:
    return 2 * _common(train, passage) >= len(train.wagons)


def _apart(train: Train, passage: TrainPassage) -> timedelta:
    return abs(train.expected_at - passage.began_at)


def _common(train: Train, passage: TrainPassage) -> int:
    return len({*train.codes} & {code.canonical for code in passage.read if code.kind == "wagon"})


async def _compare(passage: TrainPassage, train: Train | None, change: Change) -> None:
    """Compare, and put on record what is otherwise than when last compared."""
    found = (Difference(kind=DifferenceKind.TRAIN_UNDECLARED),)
    differences = side_by_side(train, passage).differences if train else found
    label = (train.number if train else passage.number) or passage.checkpoint
    if (differences, label) != (passage.differences, passage.label):
        compared = TrainCompared(
            passage_id=passage.id,
            lane=passage.lane,
            label=label,
            earlier=passage.label or label,
            differences=differences,
        )
        await change.record(compared)


async def _of_this_site(passage_id: str, change: Change) -> TrainPassage:
    passage = await change.entities.find(TrainPassage, passage_id)
    if passage is None:
        raise TrainPassageUnknown(path=("passageId",))
    if passage.node != change.node:
        raise NotHere(passage.node, path=("passageId",))
    return passage


async def _passage(passage_id: str, change: Change) -> TrainPassage:
    passage = await change.entities.find(TrainPassage, passage_id)
    assert passage is not None  # noqa: S101 - it was recorded in this change, or found before
    return passage
