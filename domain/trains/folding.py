"""Trains and their passages as events leave them."""

from dataclasses import replace

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
from domain.trains.model import DECIDED, Step, Train, TrainList, TrainPassage, TrainState


def declare(_: Train | None, event: TrainDeclared) -> Train:
    """Return the train that was declared."""
    return event.train


def correct(before: Train, event: TrainCorrected) -> Train:
    """Return it with the list as corrected."""
    corrected = replace(
        before,
        number=event.number,
        direction=event.direction,
        track=event.track,
        expected_at=event.expected_at,
        wagons=event.wagons,
    )
    said = TrainList(
        number=before.number,
        direction=before.direction,
        track=before.track,
        expected_at=before.expected_at,
        wagons=before.wagons,
        corrected_by=event.by,
        corrected_at=event.at,
        reason=event.reason,
    )
    return corrected.with_earlier(said).after(Step(what="corrected", by=event.by, at=event.at, why=event.reason))


def come_further(before: Train, event: TrainStateChanged) -> Train:
    """Return it in its new state."""
    moved = replace(before, state=event.state)
    step = Step(what=event.state.value, by=event.by, at=event.at, why=event.why)
    return moved.after(step, before.standing if event.state in DECIDED else None)


def reopen(before: Train, event: TrainReopened) -> Train:
    """Return it as one on which nobody has decided."""
    return replace(before, state=event.state).after(Step(what="reopened", by=event.by, at=event.at, why=event.why))


def undo(before: Train, event: TrainActUndone) -> Train:
    """Return it as it stood before what was done last."""
    was = event.standing
    back = replace(before, state=was.state, in_control=was.in_control, accounts=was.accounts)
    return back.after(Step(what="undone", by=event.by, at=event.at, why=event.what))


def control(before: Train, event: WagonsControlled) -> Train:
    """Return it with these wagons in control."""
    taken = replace(
        before, state=TrainState.IN_CONTROL, in_control=tuple(dict.fromkeys((*before.in_control, *event.wagons)))
    )
    return taken.after(Step(what="in_control", by=event.by, at=event.at, why=event.why), before.standing)


def account(before: Train, event: DifferenceAccounted) -> Train:
    """Return it with a difference accounted for."""
    told = event.account
    others = tuple(each for each in before.accounts if (each.kind, each.code) != (told.kind, told.code))
    explained = replace(before, accounts=(*others, told))
    step = Step(what="accounted", by=told.by, at=told.at, why=f"{told.code}: {told.reason.value}")
    return explained.after(step, before.standing)


def begin(_: TrainPassage | None, event: TrainPassageBegan) -> TrainPassage:
    """Return the passage that began."""
    return event.passage


def read(before: TrainPassage, event: CodeOfTrainRead) -> TrainPassage:
    """Return it with one more wagon or container."""
    return before.reading(event.code)


def time(before: TrainPassage, event: TrainPassageTimed) -> TrainPassage:
    """Return it with its times."""
    return before.timed(event.began_at, event.last_at)


def end(before: TrainPassage, event: TrainPassageEnded) -> TrainPassage:
    """Return it as over."""
    return replace(before, ended_by=event.by, ended_at=event.at)


def link(before: TrainPassage, event: TrainPassageLinked) -> TrainPassage:
    """Return it as that of a declared train, or of none."""
    return replace(before, train_id=event.train_id, linked_by_hand=event.by_hand)


def compare(before: TrainPassage, event: TrainCompared) -> TrainPassage:
    """Return it as compared."""
    return replace(before, differences=event.differences, label=event.label)
