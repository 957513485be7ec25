"""Trains as declared, as they passed, and the two side by side."""

from datetime import datetime

import strawberry

from api.context import Info
from api.numbers import Int64
from api.objects.identifiers import Identifier
from api.objects.lens import Node, described, id_of, lens, optional_id_of
from domain.shared.views import Window
from domain.trains import comparison, consist, model, side_by_side
from domain.trains.comparison import Verdict
from domain.trains.model import AccountReason, DifferenceKind, TrainState

strawberry.enum(TrainState, name="TrainState", description="How far a train has come.")
strawberry.enum(DifferenceKind, name="TrainDifferenceKind", description="In what a train differs from its list.")
strawberry.enum(AccountReason, name="DifferenceReason", description="What explains a difference.")
strawberry.enum(Verdict, name="ConsistVerdict", description="What became of a wagon or container.")


@lens(model.DeclaredContainer, description="A container on a wagon of the list.")
class DeclaredContainer:
    """A container of the list."""

    code: Identifier = described("Its code; a check digit that fails is kept and told.")
    goods: str = described("As declared.")
    mass_kg: float | None = described("As declared.")


@lens(model.DeclaredWagon, description="A wagon of the list.")
class DeclaredWagon:
    """A wagon of the list."""

    code: Identifier = described("Its number, of 12 or 8 digits; a check digit that fails is kept and told.")
    goods: str = described("As declared.")
    mass_kg: float | None = described("Load included, as declared.")
    containers: list[DeclaredContainer] = described("On it, in their order.")


@lens(consist.Doubt, description="What is hard to believe of a list.")
class ConsistDoubt:
    """A doubt."""

    wagon: int = described("Place of the wagon, from 1.")
    container: int | None = described("Place of the container on it, from 1; null where it is the wagon itself.")
    code: str = described("What the list says.")
    why: str = described("`check_digit`, `length`, `characters`, `shape` or `passenger_coach`.")


@lens(model.Difference, description="What is otherwise than declared, of one kind.")
class TrainDifference:
    """A kind of difference."""

    kind: DifferenceKind = described("Of what kind.")
    codes: list[str] = described("Canonical codes of the wagons or containers.")


@lens(model.Account, description="What an officer says explains a difference.")
class DifferenceAccount:
    """An account for a difference."""

    kind: DifferenceKind = described("Of what kind it is.")
    code: str = described("Which wagon or container.")
    reason: AccountReason = described("What explains it.")
    text: str = described("The same in words.")
    by: str = described("Who says so.")
    at: datetime = described("When.")


@lens(model.Step, description="What was done with a train.")
class TrainStep:
    """A step."""

    what: str = described(
        "`declared`, `corrected`, `accounted`, `reopened`, `undone`, or the state that the train came to."
    )
    by: str = described("Who did it: an officer, a device, or the site itself.")
    at: datetime = described("When.")
    why: str = described("The reason, where one was given; of `undone` what was undone.")


@lens(comparison.Line, description="One wagon: where it stands in the list and in what was read.")
class WagonLine:
    """A line of a comparison."""

    verdict: Verdict = described("What became of it.")
    declared: str | None = described("Canonical code in the list; of a wagon misread, the reading that is offered.")
    read: str | None = described("Canonical code as read.")
    declared_place: int | None = described("In the list, from 1.")
    read_place: int | None = described("In what was read, from 1.")


@lens(side_by_side.ContainerLine, description="One container: on which wagon it should be, and where it was read.")
class ContainerLine:
    """A line of a comparison."""

    verdict: Verdict = described("What became of it.")
    declared: str | None = described("Canonical code in the list; of one misread, the reading that is offered.")
    read: str | None = described("Canonical code as read.")
    declared_wagon: str | None = described("The wagon it is declared on.")
    read_wagon: str | None = described("The wagon it was read on, as that was read; null where that was not.")


@lens(side_by_side.TrainComparison, description="A declared train beside what a portal read of it.")
class TrainComparison:
    """A comparison."""

    reversed: bool = described("The train was read from its end.")
    lines: list[WagonLine] = described("Its wagons, in the order in which they were read.")
    containers: list[ContainerLine] = described("Its containers, by their wagons.")
    differences: list[TrainDifference] = described("What is otherwise than declared. A misreading says nothing so.")


@lens(model.CodeOfTrain, description="A wagon or container as a portal read it.")
class CodeOfTrain:
    """A wagon or container."""

    registration_id: strawberry.ID = id_of("Registration", "registration_id", "The registration that it is.")
    kind: str = described("`wagon` or `container`.")
    canonical: str = described("What was read.")
    holds: bool = described("Whether its check digit agrees.")
    position: int | None = described("Of the wagon in the train, from 1; null where the portal does not count.")
    seen_at: datetime = described("When it passed.")


def _wagons(root: strawberry.Parent[model.TrainPassage]) -> list[CodeOfTrain]:
    return list(root.wagons())  # type: ignore[arg-type]  # a lens shows the read model as it is


def _containers(root: strawberry.Parent[model.TrainPassage]) -> list[CodeOfTrain]:
    return list(root.containers())  # type: ignore[arg-type]  # as above


@lens(model.TrainPassage, description="A train as a portal saw it pass.")
class TrainPassage(Node):
    """A passage of a train."""

    id: strawberry.ID = id_of("TrainPassage")
    node: str = described("Code of the site.")
    checkpoint: str = described("The portal.")
    lane: str = described("Code of the lane.")
    track: str = described("As the portal calls it.")
    number: str = described("The portal's own number of the train; it need not be the railway's.")
    began_at: datetime = described("When it was seen first.")
    last_at: datetime = described("When it was seen last.")
    ended_at: datetime | None = described("When it had passed; null while it is passing.")
    ended_by: str = described("`portal`, `next_train`, or the officer who said that it has passed.")
    train_id: strawberry.ID | None = optional_id_of("Train", "train_id", "The declared train that it is.")
    linked_by_hand: bool = described("An officer said which train it is, or that it is none of those declared.")
    label: str = described("By which train its alarms call it.")
    differences: list[TrainDifference] | None = described("As last compared; null before that.")

    wagons: list[CodeOfTrain] = strawberry.field(resolver=_wagons, description="In the order of the train.")
    containers: list[CodeOfTrain] = strawberry.field(resolver=_containers, description="In the same order.")


def _doubts(root: strawberry.Parent[model.Train]) -> list[ConsistDoubt]:
    return list(consist.doubts(root.wagons))  # type: ignore[arg-type]  # as above


async def _passage(root: strawberry.Parent[model.Train], info: Info) -> TrainPassage | None:
    return await _passed(root.id, info)  # type: ignore[return-value]  # as above


async def _comparison(root: strawberry.Parent[model.Train], info: Info) -> TrainComparison | None:
    passage = await _passed(root.id, info)
    if passage is None:
        return None
    return side_by_side.side_by_side(root, passage)  # type: ignore[return-value]  # as above


async def _passed(train_id: str, info: Info) -> model.TrainPassage | None:
    page = await info.context.doors.views.entities(model.TrainPassage, Window(limit=1), train_id=train_id)
    return page.items[0] if page.items else None


@lens(model.TrainList, description="What the list of a train said before it was corrected.")
class TrainList:
    """What a list said."""

    number: str = described("The railway's number.")
    direction: str = described("`inbound` or `outbound`.")
    track: str = described("Where it was expected; may be empty.")
    expected_at: datetime = described("When it was expected.")
    wagons: list[DeclaredWagon] = described("As declared, from the head.")
    corrected_by: str = described("Who corrected it.")
    corrected_at: datetime = described("When it was corrected.")
    reason: str = described("Why.")


@lens(model.Train, description="A train of the railway's list.")
class Train(Node):
    """A train."""

    id: strawberry.ID = id_of("Train")
    node: str = described("Code of the site, which alone may change it.")
    number: str = described("The railway's number.")
    direction: str = described("`inbound` or `outbound`.")
    track: str = described("Where it is expected; may be empty.")
    expected_at: datetime = described("When it is expected.")
    wagons: list[DeclaredWagon] = described("As declared, from the head.")
    declared_by: str = described("Who put its list on record.")
    declared_at: datetime = described("When.")
    state: TrainState = described("How far it has come.")
    version: Int64 = described("Rises with whatever happens to it; a mutation names it.")
    corrections: int = described("How often its list was corrected.")
    earlier: list[TrainList] = described("What it said before, oldest first: the first list, and the newest 9.")
    in_control: list[str] = described("Wagons that were taken to control.")
    accounts: list[DifferenceAccount] = described("What officers say explains its differences.")
    steps: list[TrainStep] = described("What was done, oldest first; the newest 200.")

    doubts: list[ConsistDoubt] = strawberry.field(resolver=_doubts, description="What is hard to believe of its list.")
    passage: TrainPassage | None = strawberry.field(
        resolver=_passage, description="As a portal saw it pass; null before that."
    )
    comparison: TrainComparison | None = strawberry.field(
        resolver=_comparison, description="Its list beside what the portal read; null before it has come."
    )
