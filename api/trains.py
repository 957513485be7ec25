"""Trains: looked at, at every node; declared, corrected, controlled and released at their site."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api import entities
from api.context import Info
from api.fields import ask, look
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.numbers import Int64
from api.objects.trains import Train, TrainPassage
from api.paging import USUAL_PAGE, After, Connection, First, Id
from api.problems import AnyProblem
from api.rules import ANALYST, OFFICER, open_to
from api.times import utc
from domain.trains import model
from domain.trains.commands import (
    AccountForDifference,
    CancelTrain,
    ContainerListed,
    ControlWagons,
    CorrectTrain,
    DeclareTrain,
    EndTrainPassage,
    LinkTrainPassage,
    RefuseTrain,
    ReleaseTrain,
    ReopenTrain,
    UndoTrainAct,
    WagonListed,
)
from domain.trains.model import AccountReason, DifferenceKind, TrainState

LOOK = open_to(OFFICER, ANALYST, personal=True)
WRITE = open_to(OFFICER, personal=True)


@strawberry.type
class TrainsQuery:
    """What can be looked up."""

    @look(Train | None, LOOK, "One train, or null.")
    async def train(self, info: Info, id_: Id) -> model.Train | None:
        return await entities.one(info, model.Train, "Train", id_)

    @look(Connection[Train], LOOK, "Trains, the newest on record first: what is expected, in the yard, gone.")
    async def trains(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        state: Annotated[TrainState | None, strawberry.argument(description="Only in this state.")] = None,
        track: Annotated[str | None, strawberry.argument(description="Only of this track.")] = None,
        number: Annotated[str | None, strawberry.argument(description="Only of this number.")] = None,
    ) -> Connection[model.Train]:
        wanted: dict[str, Any] = {"node": node, "state": state, "track": track, "number": number}
        return await entities.listed(info, model.Train, "Train", first, after, **wanted)

    @look(TrainPassage | None, LOOK, "One train as a portal saw it pass, or null.")
    async def train_passage(self, info: Info, id_: Id) -> model.TrainPassage | None:
        return await entities.one(info, model.TrainPassage, "TrainPassage", id_)

    @look(Connection[TrainPassage], LOOK, "Trains as portals saw them pass, the newest on record first.")
    async def train_passages(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        track: Annotated[str | None, strawberry.argument(description="Only on this track.")] = None,
    ) -> Connection[model.TrainPassage]:
        return await entities.listed(info, model.TrainPassage, "TrainPassage", first, after, node=node, track=track)


@strawberry.input(description="A container as the railway gives it.")
class ContainerListedInput:
    """A container."""

    code: str = strawberry.field(description="Its code.")
    goods: str = strawberry.field(default="", description="What is in it, up to 200 characters.")
    mass_kg: float | None = strawberry.field(default=None, description="In kilograms.")


@strawberry.input(description="A wagon as the railway gives it.")
class WagonListedInput:
    """A wagon."""

    code: str = strawberry.field(description="Its number.")
    goods: str = strawberry.field(default="", description="What is on it, up to 200 characters.")
    mass_kg: float | None = strawberry.field(default=None, description="In kilograms, load included.")
    containers: list[ContainerListedInput] = strawberry.field(
        default_factory=list, description="On it, in their order; at most 8."
    )


@strawberry.input(description="A train as the railway declares it.")
class TrainDeclareInput:
    """A declared train."""

    idempotency_key: UUID = idempotency_key()
    number: str = strawberry.field(description="The railway's number, up to 40 characters.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    track: str = strawberry.field(default="", description="Where it is expected.")
    expected_at: datetime = strawberry.field(description="When it is expected.")
    wagons: list[WagonListedInput] = strawberry.field(description="From the head, 1 to 200.")


@strawberry.input(description="What the list of a train should have been, and why.")
class TrainCorrectInput(TrainDeclareInput):
    """A list that takes the place of another."""

    train_id: strawberry.ID = strawberry.field(description="The train.")
    version: Int64 = strawberry.field(description="Of the train, as it was looked at.")
    reason: str = strawberry.field(description="Why it is corrected. The first stays on record.")


@strawberry.input(description="A train, and why.")
class TrainReasonInput:
    """A train and a reason."""

    idempotency_key: UUID = idempotency_key()
    train_id: strawberry.ID = strawberry.field(description="The train.")
    version: Int64 = strawberry.field(description="Of the train, as it was looked at.")
    reason: str = strawberry.field(description="Why.")


@strawberry.input(description="Which wagons are taken to control, and why.")
class TrainControlInput(TrainReasonInput):
    """Wagons to control."""

    wagons: list[str] = strawberry.field(description="Their canonical numbers.")


@strawberry.input(description="What explains a difference.")
class TrainAccountInput:
    """An account for a difference."""

    idempotency_key: UUID = idempotency_key()
    train_id: strawberry.ID = strawberry.field(description="The train.")
    version: Int64 = strawberry.field(description="Of the train, as it was looked at.")
    kind: DifferenceKind = strawberry.field(description="Of what kind the difference is.")
    code: str = strawberry.field(description="Canonical code of the wagon or container.")
    reason: AccountReason = strawberry.field(description="What explains it.")
    text: str = strawberry.field(default="", description="The same in words.")


@strawberry.input(description="Which train goes on.")
class TrainReleaseInput:
    """A train that goes on."""

    idempotency_key: UUID = idempotency_key()
    train_id: strawberry.ID = strawberry.field(description="The train.")
    version: Int64 = strawberry.field(description="Of the train, as it was looked at.")
    note: str = strawberry.field(default="", description="What is to be remembered.")


@strawberry.input(description="Of which train the last act is taken back.")
class TrainUndoInput:
    """A train of which the last act is taken back."""

    idempotency_key: UUID = idempotency_key()
    train_id: strawberry.ID = strawberry.field(description="The train.")
    version: Int64 = strawberry.field(description="Of the train, as it was looked at.")


@strawberry.input(description="Which train has passed, though the portal told no end.")
class TrainPassageEndInput:
    """A passage that is over."""

    idempotency_key: UUID = idempotency_key()
    passage_id: strawberry.ID = strawberry.field(description="The passage.")


@strawberry.input(description="Which declared train it is that passed.")
class TrainPassageLinkInput:
    """A passage and a train."""

    idempotency_key: UUID = idempotency_key()
    passage_id: strawberry.ID = strawberry.field(description="The passage.")
    train_id: strawberry.ID | None = strawberry.field(default=None, description="The train; null for none declared.")


@strawberry.type(description="The train is on record.")
class TrainSuccess:
    """The train is on record."""

    train: model.Train = strawberry.field(graphql_type=Train, description="As it stands now.")


@strawberry.type(description="The passage is on record.")
class TrainPassageSuccess:
    """The passage is on record."""

    passage: model.TrainPassage = strawberry.field(graphql_type=TrainPassage, description="As it stands now.")


TrainResult = Annotated[
    TrainSuccess | AnyProblem, strawberry.union("TrainResult", description="The train, or why not.")
]
TrainPassageResult = Annotated[
    TrainPassageSuccess | AnyProblem,
    strawberry.union("TrainPassageResult", description="The passage, or why not."),
]


@strawberry.type
class TrainsMutation:
    """What can be asked."""

    @ask(TrainResult, WRITE, "Put the railway's list of a train on record.")
    async def train_declare(self, info: Info, wish: Input[TrainDeclareInput]) -> TrainSuccess:
        return await _train(info, DeclareTrain(**_list(wish)), wish)

    @ask(TrainResult, WRITE, "Put another list in place of the first.")
    async def train_correct(self, info: Info, wish: Input[TrainCorrectInput]) -> TrainSuccess:
        return await _train(info, CorrectTrain(**_of(wish), **_list(wish), reason=wish.reason), wish)

    @ask(TrainResult, WRITE, "Say that an expected train does not come.")
    async def train_cancel(self, info: Info, wish: Input[TrainReasonInput]) -> TrainSuccess:
        return await _train(info, CancelTrain(**_of(wish), reason=wish.reason), wish)

    @ask(TrainResult, WRITE, "Take wagons of a train that has passed to control.")
    async def train_control(self, info: Info, wish: Input[TrainControlInput]) -> TrainSuccess:
        command = ControlWagons(**_of(wish), wagons=tuple(wish.wagons), reason=wish.reason)
        return await _train(info, command, wish)

    @ask(TrainResult, WRITE, "Say what explains a difference.")
    async def train_account(self, info: Info, wish: Input[TrainAccountInput]) -> TrainSuccess:
        command = AccountForDifference(**_of(wish), kind=wish.kind, code=wish.code, reason=wish.reason, text=wish.text)
        return await _train(info, command, wish)

    @ask(TrainResult, WRITE, "Let a train go on, of which every difference is accounted for.")
    async def train_release(self, info: Info, wish: Input[TrainReleaseInput]) -> TrainSuccess:
        return await _train(info, ReleaseTrain(**_of(wish), note=wish.note), wish)

    @ask(TrainResult, WRITE, "Turn a train back.")
    async def train_refuse(self, info: Info, wish: Input[TrainReasonInput]) -> TrainSuccess:
        return await _train(info, RefuseTrain(**_of(wish), reason=wish.reason), wish)

    @ask(TrainResult, WRITE, "Take up a train again on which somebody has decided.")
    async def train_reopen(self, info: Info, wish: Input[TrainReasonInput]) -> TrainSuccess:
        return await _train(info, ReopenTrain(**_of(wish), reason=wish.reason), wish)

    @ask(TrainResult, WRITE, "Take back one's own last act, within ten minutes.")
    async def train_undo(self, info: Info, wish: Input[TrainUndoInput]) -> TrainSuccess:
        return await _train(info, UndoTrainAct(**_of(wish)), wish)

    @ask(TrainPassageResult, WRITE, "Say that a train has passed, of which the portal told no end.")
    async def train_passage_end(self, info: Info, wish: Input[TrainPassageEndInput]) -> TrainPassageSuccess:
        command = EndTrainPassage(passage_id=local_id(wish.passage_id, "TrainPassage", "passageId"))
        return TrainPassageSuccess(passage=await info.context.dispatch(command, wish.idempotency_key))

    @ask(TrainPassageResult, WRITE, "Say which declared train it is that passed, or that it is none.")
    async def train_passage_link(self, info: Info, wish: Input[TrainPassageLinkInput]) -> TrainPassageSuccess:
        train = wish.train_id
        command = LinkTrainPassage(
            passage_id=local_id(wish.passage_id, "TrainPassage", "passageId"),
            train_id=None if train is None else local_id(train, "Train", "trainId"),
        )
        return TrainPassageSuccess(passage=await info.context.dispatch(command, wish.idempotency_key))


async def _train(info: Info, command: Any, wish: Any) -> TrainSuccess:
    return TrainSuccess(train=await info.context.dispatch(command, wish.idempotency_key))


def _of(wish: Any) -> dict[str, Any]:
    return {"train_id": local_id(wish.train_id, "Train", "trainId"), "version": wish.version}


def _list(wish: TrainDeclareInput) -> dict[str, Any]:
    return {
        "number": wish.number,
        "direction": wish.direction,
        "track": wish.track,
        "expected_at": utc(wish.expected_at, "expectedAt"),
        "wagons": tuple(map(_wagon, wish.wagons)),
    }


def _wagon(wagon: WagonListedInput) -> WagonListed:
    containers = tuple(
        ContainerListed(code=each.code, goods=each.goods, mass_kg=each.mass_kg) for each in wagon.containers
    )
    return WagonListed(code=wagon.code, goods=wagon.goods, mass_kg=wagon.mass_kg, containers=containers)
