"""What is put on record of trains. The events travel up on the channel ``facts``."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.messages import Event
from domain.trains.model import (
    Account,
    CodeOfTrain,
    DeclaredWagon,
    Difference,
    DifferenceKind,
    Standing,
    Train,
    TrainPassage,
    TrainState,
)

__all__ = [
    "CodeOfTrainRead",
    "Difference",
    "DifferenceAccounted",
    "DifferenceKind",
    "Train",
    "TrainActUndone",
    "TrainCompared",
    "TrainCorrected",
    "TrainDeclared",
    "TrainPassageBegan",
    "TrainPassageEnded",
    "TrainPassageLinked",
    "TrainPassageTimed",
    "TrainReopened",
    "TrainState",
    "TrainStateChanged",
    "WagonsControlled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainDeclared(Event):
    """The railway's list of a train was put on record."""

    train: Train


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainCorrected(Event):
    """The list was wrong; this is what it should have been."""

    train_id: str
    number: str
    direction: str
    track: str
    expected_at: datetime
    wagons: tuple[DeclaredWagon, ...]
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainStateChanged(Event):
    """A train came further; ``by`` is an officer, or the site itself."""

    train_id: str
    state: TrainState
    by: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainReopened(Event):
    """An officer took up a train again on which somebody had decided."""

    train_id: str
    state: TrainState
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainActUndone(Event):
    """An officer took back what was done last: the train stands as before that.

    Attributes:
        what: of the step that was undone.
    """

    train_id: str
    standing: Standing
    what: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WagonsControlled(Event):
    """Wagons of a train were taken to control."""

    train_id: str
    wagons: tuple[str, ...]
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceAccounted(Event):
    """An officer said what explains a difference."""

    train_id: str
    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPassageBegan(Event):
    """A portal told of a train for the first time."""

    passage: TrainPassage


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOfTrainRead(Event):
    """A portal read a wagon or container of a train."""

    passage_id: str
    code: CodeOfTrain


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPassageTimed(Event):
    """A portal told when a train was there."""

    passage_id: str
    began_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPassageEnded(Event):
    """A train has passed: the portal, the next train on the track, or an officer says so."""

    passage_id: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPassageLinked(Event):
    """Which declared train has passed; ``train_id`` is None for none of them."""

    passage_id: str
    train_id: str | None
    by_hand: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainCompared(Event):
    """A train that has passed was compared with its list, and it is not as it was when last compared.

    Attributes:
        label: the train as an officer calls it.
        earlier: as it was called when it was last compared.
        differences: all there are now.
    """

    passage_id: str
    lane: str
    label: str
    earlier: str
    differences: tuple[Difference, ...]
