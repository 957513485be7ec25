"""A train as the railway declared it, and as a portal saw it pass."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.identifiers.identifier import Identifier

STEPS_MAX = 200
LISTS_MAX = 10
NEAR = timedelta(hours=1)
"""How far apart in time what a portal tells of one number on one track may be, to be of one train."""


class TrainState(StrEnum):
    """How far a train has come."""

    EXPECTED = "expected"
    PASSING = "passing"
    PASSED = "passed"
    IN_CONTROL = "in_control"
    RELEASED = "released"
    REFUSED = "refused"
    CANCELLED = "cancelled"


DECIDED: Final = frozenset({TrainState.RELEASED, TrainState.REFUSED, TrainState.CANCELLED})


class DifferenceKind(StrEnum):
    """In what a train that passed differs from its list."""

    TRAIN_UNDECLARED = "train_undeclared"
    WAGON_MISSING = "wagon_missing"
    WAGON_EXTRA = "wagon_extra"
    WAGON_MOVED = "wagon_moved"
    CONTAINER_MISSING = "container_missing"
    CONTAINER_EXTRA = "container_extra"
    CONTAINER_MOVED = "container_moved"


class AccountReason(StrEnum):
    """What explains a difference."""

    MISREAD = "misread"
    LIST_WRONG = "list_wrong"
    SET_OUT = "set_out"
    TAKEN_ON = "taken_on"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredContainer:
    """A container on a wagon of the list; its mass in kilograms."""

    code: Identifier
    goods: str = ""
    mass_kg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredWagon:
    """A wagon of the list, with its containers in their order; its mass in kilograms, load included."""

    code: Identifier
    goods: str = ""
    mass_kg: float | None = None
    containers: tuple[DeclaredContainer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is otherwise than declared, of one kind: the canonical codes of these wagons or containers."""

    kind: DifferenceKind
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an officer says explains a difference."""

    kind: DifferenceKind
    code: str
    reason: AccountReason
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was done with a train: who, when, and why."""

    what: str
    by: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an officer's act may change of a train, as it stood before it."""

    state: TrainState
    in_control: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainList:
    """What the list of a train said before it was corrected, who corrected it, and why."""

    number: str
    direction: str
    track: str
    expected_at: datetime
    wagons: tuple[DeclaredWagon, ...]
    corrected_by: str
    corrected_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """A train of the railway's list.

    Attributes:
        node: the site, which alone may change it.
        number: the railway's.
        wagons: as declared, from the head.
        version: rises with whatever happens to it.
        corrections: how often its list was corrected.
        earlier: what the list said before that, oldest first: the first one, and the newest 9.
        in_control: canonical codes of the wagons that were taken to control.
        accounts: what officers say explains its differences.
        steps: what was done, oldest first; the newest 200.
        before: how it stood before the last step, where that is an act that can be undone; else None.
    """

    id: str
    node: str
    number: str
    direction: str
    track: str
    expected_at: datetime
    wagons: tuple[DeclaredWagon, ...]
    declared_by: str
    declared_at: datetime
    state: TrainState = TrainState.EXPECTED
    version: int = 1
    corrections: int = 0
    in_control: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    steps: tuple[Step, ...] = ()
    earlier: tuple[TrainList, ...] = ()
    before: Standing | None = None

    @property
    def standing(self) -> Standing:
        """What an act may change of it, as it stands."""
        return Standing(state=self.state, in_control=self.in_control, accounts=self.accounts)

    @property
    def codes(self) -> tuple[str, ...]:
        """Canonical codes of its wagons, from the head."""
        return tuple(wagon.code.canonical for wagon in self.wagons)

    def after(self, step: Step, before: Standing | None = None) -> "Train":
        """Return the train with one more step behind it, which can be undone where it is said how it stood before."""
        return replace(self, version=self.version + 1, steps=(*self.steps, step)[-STEPS_MAX:], before=before)

    def with_earlier(self, said: TrainList) -> "Train":
        """Return the train with what its list said until now behind what it said before that."""
        lists = (*self.earlier, said)
        kept = lists if len(lists) <= LISTS_MAX else (lists[0], *lists[-LISTS_MAX + 1 :])
        return replace(self, corrections=self.corrections + 1, earlier=kept)

    def unaccounted(self, differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
        """Return of these differences what nobody has accounted for."""
        known = {(account.kind, account.code) for account in self.accounts}
        left = (
            replace(each, codes=tuple(code for code in each.codes if (each.kind, code) not in known))
            for each in differences
        )
        return tuple(each for each in left if each.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOfTrain:
    """A wagon or container as a portal read it.

    Attributes:
        kind: ``wagon`` or ``container``.
        holds: whether its check digit agrees.
        position: of the wagon in the train, from 1; None where the portal does not count.
    """

    registration_id: str
    kind: str
    canonical: str
    holds: bool
    position: int | None
    seen_at: datetime

    def merged(self, other: "CodeOfTrain") -> "CodeOfTrain":
        """Return the better of two readings of one object, whichever came first."""
        best = min(self, other, key=lambda code: (not code.holds, code.seen_at, code.canonical))
        positions = [code.position for code in (self, other) if code.position is not None]
        return replace(best, position=min(positions, default=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPassage:
    """A train as a portal saw it pass.

    Attributes:
        number: the portal's own, which need not be the railway's; empty where it gives none.
        last_at: when anything of it was seen last.
        ended_by: ``portal``, ``next_train`` or an officer; empty while it is passing.
        read: wagons and containers, by registration.
        train_id: the declared train that it is; None while that is not known.
        linked_by_hand: an officer said which train it is, or that it is none of those declared.
        differences: as last compared; None before that.
        label: by which train it was called when last compared.
    """

    id: str
    node: str
    checkpoint: str
    lane: str
    track: str
    number: str
    began_at: datetime
    last_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    read: tuple[CodeOfTrain, ...] = ()
    train_id: str | None = None
    linked_by_hand: bool = False
    differences: tuple[Difference, ...] | None = None
    label: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the train has passed."""
        return bool(self.ended_by)

    def is_near(self, at: datetime) -> bool:
        """Tell whether what was seen then may be of this train."""
        return self.began_at - NEAR <= at <= self.last_at + NEAR

    def reading(self, code: CodeOfTrain) -> "TrainPassage":
        """Return it with one more wagon or container read; the same in whichever order they come."""
        known = {each.registration_id: each for each in self.read}
        earlier = known.get(code.registration_id)
        known[code.registration_id] = earlier.merged(code) if earlier else code
        return replace(
            self.timed(code.seen_at, code.seen_at),
            read=tuple(sorted(known.values(), key=lambda each: each.registration_id)),
        )

    def timed(self, began_at: datetime, last_at: datetime) -> "TrainPassage":
        """Return it with the times stretched to these."""
        return replace(self, began_at=min(self.began_at, began_at), last_at=max(self.last_at, last_at))

    def wagons(self) -> tuple[CodeOfTrain, ...]:
        """Return the wagons in the order of the train: by position, or by time where the portal does not count.

        What another camera misread of a wagon that was read is none.
        """
        wagons = [code for code in self.read if code.kind == "wagon"]
        certain = {code.position for code in wagons if code.holds and code.position is not None}
        return _in_order([code for code in wagons if code.holds or code.position not in certain])

    def containers(self) -> tuple[CodeOfTrain, ...]:
        """Return the containers, in the same order."""
        return _in_order([code for code in self.read if code.kind == "container"])


def _in_order(codes: list[CodeOfTrain]) -> tuple[CodeOfTrain, ...]:
    """Return codes in the order of the train, and what was read twice once."""
    if all(code.position is not None for code in codes):
        ordered = sorted(codes, key=lambda code: (code.position or 0, code.seen_at, code.canonical))
    else:
        ordered = sorted(codes, key=lambda code: (code.seen_at, code.canonical))
    once: dict[str, CodeOfTrain] = {}
    for code in ordered:
        once.setdefault(code.canonical, code)
    return tuple(once.values())
