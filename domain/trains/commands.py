"""What may be asked of trains."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.messages import Command
from domain.trains.model import AccountReason, DifferenceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerListed:
    """A container as the railway gives it."""

    code: str
    goods: str = ""
    mass_kg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WagonListed:
    """A wagon as the railway gives it."""

    code: str
    goods: str = ""
    mass_kg: float | None = None
    containers: tuple[ContainerListed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareTrain(Command):
    """Put a list of the railway on record."""

    number: str
    direction: str
    track: str
    expected_at: datetime
    wagons: tuple[WagonListed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectTrain(Command):
    """Put another list in place of the first, which stays in the log."""

    train_id: str
    version: int
    number: str
    direction: str
    track: str
    expected_at: datetime
    wagons: tuple[WagonListed, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTrain(Command):
    """Say that an expected train does not come."""

    train_id: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlWagons(Command):
    """Take wagons of a train to control."""

    train_id: str
    version: int
    wagons: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForDifference(Command):
    """Say what explains a difference."""

    train_id: str
    version: int
    kind: DifferenceKind
    code: str
    reason: AccountReason
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTrain(Command):
    """Let a train go on."""

    train_id: str
    version: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseTrain(Command):
    """Turn a train back."""

    train_id: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTrain(Command):
    """Take up a train again on which somebody has decided."""

    train_id: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoTrainAct(Command):
    """Take back one's own last act."""

    train_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTrainPassage(Command):
    """Say that a train has passed of which the portal tells no end."""

    passage_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTrainPassage(Command):
    """Say which declared train has passed; ``train_id`` is None for none of them."""

    passage_id: str
    train_id: str | None
