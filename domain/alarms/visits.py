"""Alarms for what is odd about a visit: each once, until a later reading explains it."""

from typing import Final

from domain.alarms.events import AlarmRaised, FaultEnded
from domain.alarms.model import Alarm, AlarmSource
from domain.alarms.ports import AlarmsChange
from domain.visits.events import AnomalyKind, VisitAnomalyExplained, VisitAnomalyFound

USUAL_PRIORITY: Final = 3
SWAP_PRIORITY: Final = 2
_SWAPS: Final = (
    AnomalyKind.LEFT_WITHOUT_RELEASE,
    AnomalyKind.TRACTOR_CHANGED,
    AnomalyKind.TRAILER_CHANGED,
    AnomalyKind.WEIGHT_CHANGED,
)


async def raise_for_visit(event: VisitAnomalyFound, change: AlarmsChange) -> None:
    """Raise the alarm of an anomaly, unless it stands."""
    anomaly, cause = event.anomaly, _cause(event.visit_id, event.anomaly.key)
    if await change.alarms.standing(anomaly.plate, cause):
        return
    alarm = Alarm(
        id=change.new_id(),
        node=change.node,
        source=AlarmSource.ANOMALY,
        cause=cause,
        lane="",
        label=anomaly.plate,
        registration_id=event.registration_id,
        priority=SWAP_PRIORITY if anomaly.kind in _SWAPS else USUAL_PRIORITY,
        text=" ".join(filter(None, (f"Visit: {anomaly.kind} at {anomaly.checkpoint}", anomaly.detail))),
        late=event.late,
        raised_at=change.now,
    )
    await change.record(AlarmRaised(alarm=alarm))


async def end_for_visit(event: VisitAnomalyExplained, change: AlarmsChange) -> None:
    """End the alarm of an anomaly that was explained."""
    for alarm in await change.alarms.standing(event.plate, _cause(event.visit_id, event.key)):
        await change.record(FaultEnded(alarm_id=alarm.id, ended_at=event.explained_at))


def _cause(visit_id: str, key: str) -> str:
    return f"visit:{visit_id}:{key}"
