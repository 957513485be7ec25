"""Looking at alarms and taking them, at every node; a copy of an alarm is taken where it was raised."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
import structlog

from api.context import Info
from api.doors import Views
from api.fields import ask, follow, look
from api.ids import local_id
from api.live import watched
from api.mutations import Input, idempotency_key
from api.objects.alarms import Alarm
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.problems import AnyProblem
from api.rules import ANALYST, OFFICER, open_to
from bus.recorded import Recorded
from domain.alarms import model
from domain.alarms.commands import AcknowledgeAlarm
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.alarms.model import AlarmState

LOOK = open_to(OFFICER, ANALYST, personal=True)
_log = structlog.get_logger(__name__)


@strawberry.type
class AlarmsQuery:
    """What can be looked up."""

    @look(Alarm | None, LOOK, "One alarm, or null.")
    async def alarm(self, info: Info, id_: Id) -> model.Alarm | None:
        return await info.context.doors.views.alarm(local_id(id_, "Alarm"))

    @look(Connection[Alarm], LOOK, "Alarms, newest first.")
    async def alarms(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        state: Annotated[AlarmState | None, strawberry.argument(description="Only in this state.")] = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the node of this code.")] = None,
    ) -> Connection[model.Alarm]:
        asked = window("Alarm", first, after)
        page = await info.context.doors.views.alarms(asked, state=state, node=node)
        return connection(page, asked, lambda each: each.id)


@strawberry.input(description="Which alarm is taken.")
class AlarmAcknowledgeInput:
    """Which alarm is taken."""

    idempotency_key: UUID = idempotency_key()
    alarm_id: strawberry.ID = strawberry.field(description="The alarm.")


@strawberry.type(description="The alarm was taken.")
class AlarmAcknowledgeSuccess:
    """The alarm was taken."""

    alarm: model.Alarm = strawberry.field(graphql_type=Alarm, description="The alarm as it stands now.")


AlarmAcknowledgeResult = Annotated[
    AlarmAcknowledgeSuccess | AnyProblem,
    strawberry.union("AlarmAcknowledgeResult", description="The alarm, or why not."),
]


@strawberry.type
class AlarmsMutation:
    """What can be asked."""

    @ask(
        AlarmAcknowledgeResult,
        open_to(OFFICER, personal=True),
        "Take an alarm. NotHere names the node that raised it and decides.",
    )
    async def alarm_acknowledge(self, info: Info, wish: Input[AlarmAcknowledgeInput]) -> AlarmAcknowledgeSuccess:
        command = AcknowledgeAlarm(alarm_id=local_id(wish.alarm_id, "Alarm", "alarmId"))
        return AlarmAcknowledgeSuccess(alarm=await info.context.dispatch(command, wish.idempotency_key))


@strawberry.enum(description="What happened to an alarm.")
class AlarmChange(Enum):
    """What happened to an alarm."""

    RAISED = "AlarmRaised"
    REPEATED = "AlarmRepeated"
    ACKNOWLEDGED = "AlarmAcknowledged"
    ENDED = "FaultEnded"


@strawberry.type(description="Something happened to an alarm.")
class AlarmPayload:
    """What subscribers to alarms are told."""

    change: AlarmChange = strawberry.field(description="What happened.")
    alarm: model.Alarm = strawberry.field(graphql_type=Alarm, description="The alarm as it stands since.")


@strawberry.type
class AlarmsSubscription:
    """What can be followed."""

    @follow(LOOK, "What happens to alarms, as it becomes known to this node.")
    async def alarms(self, info: Info) -> AsyncGenerator[AlarmPayload, None]:
        async with aclosing(watched(info.context, *(change.value for change in AlarmChange))) as events:
            async for recorded in events:
                alarm = await _alarm_of(recorded, info.context.doors.views)
                if alarm is None:
                    _log.warning("alarm_not_at_hand", event_id=recorded.id, kind=recorded.kind)
                    continue
                yield AlarmPayload(change=AlarmChange(recorded.kind), alarm=alarm)


async def _alarm_of(recorded: Recorded, views: Views) -> model.Alarm | None:
    """Return the alarm as it stands after an event, even where the tables are not that far yet."""
    match recorded.event:
        case AlarmRaised(alarm=alarm):
            return alarm
        case AlarmRepeated(alarm_id=alarm_id):
            return await views.alarm(alarm_id)
        case AlarmAcknowledged() as event:
            return _acknowledged(await views.alarm(event.alarm_id), event)
        case FaultEnded(alarm_id=alarm_id, ended_at=ended_at):
            known = await views.alarm(alarm_id)
            return None if known is None else replace(known, ended_at=ended_at)
    return None


def _acknowledged(alarm: model.Alarm | None, event: AlarmAcknowledged) -> model.Alarm | None:
    if alarm is None:
        return None
    return replace(
        alarm,
        state=AlarmState.ACKNOWLEDGED,
        acknowledged_by=event.acknowledged_by,
        acknowledged_at=event.acknowledged_at,
    )
