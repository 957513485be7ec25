"""Messages of trains."""

from collections.abc import Callable
from typing import Any

from bus.catalogue.entries import FACTS, EntityEntry, EventEntry, Reaction, Shows, always, command, event
from domain.alarms.trains import raise_for_train
from domain.shared.messages import Event
from domain.trains import folding
from domain.trains.commands import (
    AccountForDifference,
    CancelTrain,
    ControlWagons,
    CorrectTrain,
    DeclareTrain,
    EndTrainPassage,
    LinkTrainPassage,
    RefuseTrain,
    ReleaseTrain,
    ReopenTrain,
    UndoTrainAct,
)
from domain.trains.events import (
    CodeOfTrainRead,
    DifferenceAccounted,
    TrainActUndone,
    TrainCompared,
    TrainCorrected,
    TrainDeclared,
    TrainPassageBegan,
    TrainPassageEnded,
    TrainPassageLinked,
    TrainPassageTimed,
    TrainReopened,
    TrainStateChanged,
    WagonsControlled,
)
from domain.trains.handlers import (
    account_for_difference,
    cancel_train,
    control_wagons,
    correct_train,
    declare_train,
    refuse_train,
    release_train,
)
from domain.trains.linking import end_train_passage, link_train_passage
from domain.trains.model import Train, TrainPassage
from domain.trains.taking_back import reopen_train, undo_train_act

COMMANDS = (
    command(DeclareTrain, declare_train, Train, lambda c, a: a.id if a else c.number[:40]),
    command(CorrectTrain, correct_train, Train, lambda c, _: c.train_id),
    command(CancelTrain, cancel_train, Train, lambda c, _: c.train_id),
    command(ControlWagons, control_wagons, Train, lambda c, _: c.train_id),
    command(AccountForDifference, account_for_difference, Train, lambda c, _: c.train_id),
    command(ReleaseTrain, release_train, Train, lambda c, _: c.train_id),
    command(RefuseTrain, refuse_train, Train, lambda c, _: c.train_id),
    command(ReopenTrain, reopen_train, Train, lambda c, _: c.train_id),
    command(UndoTrainAct, undo_train_act, Train, lambda c, _: c.train_id),
    command(EndTrainPassage, end_train_passage, TrainPassage, lambda c, _: c.passage_id),
    command(LinkTrainPassage, link_train_passage, TrainPassage, lambda c, _: c.passage_id),
)

_compared = Reaction(handler=raise_for_train, when=lambda _: True)


def _of_train(type_: type[Event], fold: Callable[[Any, Any], Any]) -> EventEntry:
    shows = Shows(entity=Train, key=lambda e: e.train_id, fold=fold)
    return event(type_.__name__, type_, always(FACTS), shows)


def _of_passage(type_: type[Event], fold: Callable[[Any, Any], Any], **reactions: Reaction) -> EventEntry:
    shows = Shows(entity=TrainPassage, key=lambda e: e.passage_id, fold=fold)
    return event(type_.__name__, type_, always(FACTS), shows, **reactions)


EVENTS = (
    event(
        "TrainDeclared",
        TrainDeclared,
        always(FACTS),
        Shows(entity=Train, key=lambda e: e.train.id, fold=folding.declare, begins=True),
    ),
    _of_train(TrainCorrected, folding.correct),
    _of_train(TrainStateChanged, folding.come_further),
    _of_train(TrainReopened, folding.reopen),
    _of_train(TrainActUndone, folding.undo),
    _of_train(WagonsControlled, folding.control),
    _of_train(DifferenceAccounted, folding.account),
    event(
        "TrainPassageBegan",
        TrainPassageBegan,
        always(FACTS),
        Shows(entity=TrainPassage, key=lambda e: e.passage.id, fold=folding.begin, begins=True),
    ),
    _of_passage(CodeOfTrainRead, folding.read),
    _of_passage(TrainPassageTimed, folding.time),
    _of_passage(TrainPassageEnded, folding.end),
    _of_passage(TrainPassageLinked, folding.link),
    _of_passage(TrainCompared, folding.compare, raise_alarms=_compared),
)

ENTITIES: tuple[EntityEntry, ...] = (
    EntityEntry(
        type=Train,
        table="train",
        columns={"number": "text", "state": "text", "track": "text", "expected_at": "instant"},
        indexes=(("node", "state"), ("number",)),
    ),
    EntityEntry(
        type=TrainPassage,
        table="train_passage",
        columns={"checkpoint": "text", "track": "text", "number": "text", "train_id": "id"},
        indexes=(("node", "checkpoint", "track"), ("train_id",)),
    ),
)
