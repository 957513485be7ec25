"""Alarms of trains that are not as declared: one for each kind of difference, as long as it stands."""

from domain.alarms.events import AlarmRaised, FaultEnded
from domain.alarms.model import Alarm, AlarmSource
from domain.alarms.ports import AlarmsChange
from domain.trains.events import Difference, DifferenceKind, TrainCompared

TRAIN_PRIORITY = 2
_TOLD_MAX = 40
_TEXTS = {
    DifferenceKind.TRAIN_UNDECLARED: "A train passed for which no list was declared",
    DifferenceKind.WAGON_MISSING: "Wagons of the list that the portal did not read",
    DifferenceKind.WAGON_EXTRA: "Wagons that are not on the list",
    DifferenceKind.WAGON_MOVED: "Wagons at another place of the train than declared",
    DifferenceKind.CONTAINER_MISSING: "Containers of the list that the portal did not read",
    DifferenceKind.CONTAINER_EXTRA: "Containers that are not on the list",
    DifferenceKind.CONTAINER_MOVED: "Containers on another wagon than declared",
}


async def raise_for_train(event: TrainCompared, change: AlarmsChange) -> None:
    """Raise what differs now, and end what does no more or is otherwise by now."""
    found = {each.kind: each for each in event.differences}
    for kind in DifferenceKind:
        cause = f"{kind.value}:{event.passage_id}"
        standing = await change.alarms.standing(event.earlier, cause)
        text = _text(found[kind]) if kind in found else None
        if any((alarm.text, alarm.label) == (text, event.label) for alarm in standing):
            continue
        for alarm in standing:
            await change.record(FaultEnded(alarm_id=alarm.id, ended_at=change.now))
        if text is not None:
            await change.record(AlarmRaised(alarm=_alarm(event, cause, text, change)))


def _text(difference: Difference) -> str:
    text = _TEXTS[difference.kind]
    if not difference.codes:
        return text
    told = ", ".join(difference.codes[:_TOLD_MAX])
    more = len(difference.codes) - _TOLD_MAX
    return f"{text} ({len(difference.codes)}): {told}" + (f" and {more} more" if more > 0 else "")


def _alarm(event: TrainCompared, cause: str, text: str, change: AlarmsChange) -> Alarm:
    return Alarm(
        id=change.new_id(),
        node=change.node,
        source=AlarmSource.ANOMALY,
        cause=cause,
        lane=event.lane,
        label=event.label,
        registration_id=None,
        priority=TRAIN_PRIORITY,
        text=text,
        late=False,
        raised_at=change.now,
    )
