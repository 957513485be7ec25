"""How an act on a train is begun and ended, whatever it is."""

from collections.abc import Collection

from domain.shared.errors import NotHere
from domain.shared.ports import Change
from domain.trains.errors import TrainChangedMeanwhile, TrainStateForbids, TrainUnknown
from domain.trains.model import Train, TrainState


async def at_hand(train_id: str, version: int, change: Change, states: Collection[TrainState]) -> Train:
    """Return a train of this site as its officer saw it.

    Raises:
        TrainUnknown, NotHere: it is not one of this site.
        TrainChangedMeanwhile: it is not as the officer saw it.
        TrainStateForbids: it is in none of these states.
    """
    train = await change.entities.find(Train, train_id)
    if train is None:
        raise TrainUnknown(path=("trainId",))
    if train.node != change.node:
        raise NotHere(train.node, path=("trainId",))
    if train.version != version:
        raise TrainChangedMeanwhile(path=("version",), version=train.version)
    if train.state not in states:
        raise TrainStateForbids(path=("trainId",), state=train.state.value)
    return train


async def stands(train_id: str, change: Change) -> Train:
    """Return a train that is on record as it stands after what this change did."""
    train = await change.entities.find(Train, train_id)
    assert train is not None  # noqa: S101 - it was recorded in this change
    return train
