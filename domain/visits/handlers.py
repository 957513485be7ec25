"""How visits answer their commands."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.organisation.events import Plan
from domain.shared.errors import NotHere
from domain.shared.texts import PARAGRAPH_MAX, required
from domain.visits.commands import AccountForAnomaly, CloseVisit, WatchVisits
from domain.visits.errors import AnomalyUnknown, VisitOverAlready, VisitUnknown
from domain.visits.events import VisitAnomalyAccounted, VisitClosed
from domain.visits.following import OPEN_MAX, judge_again, plan_of
from domain.visits.model import UNSEEN_AFTER, Visit, VisitState
from domain.visits.ports import VisitsChange

QUIET_AFTER = timedelta(minutes=2)
"""While devices say what they saw, time goes by as they tell it; after so long without a word it is ours."""
HEARD_WITHIN: Final = timedelta(days=1)
"""A site that hears of a change of its plan so late judges by it whoever left meanwhile, ``LEFT_MAX`` at most."""
LEFT_MAX: Final = 300


async def close_visit(command: CloseVisit, change: VisitsChange) -> Visit:
    """Close a visit.

    Raises:
        VisitUnknown, NotHere: it is not one of this site.
        VisitOverAlready: it is over.
        TextMissing, TextTooLong: the reason does not make sense.
    """
    visit = await _of_this_site(command.visit_id, change)
    if visit.state is not VisitState.OPEN:
        raise VisitOverAlready(path=("visitId",))
    reason = required(command.reason, "reason", PARAGRAPH_MAX)
    await change.record(
        VisitClosed(
            visit_id=visit.id,
            state=VisitState.CLOSED,
            closed_at=change.now,
            closed_by=change.actor.name,
            reason=reason,
        )
    )
    return await _of_this_site(visit.id, change)


async def account_for_anomaly(command: AccountForAnomaly, change: VisitsChange) -> Visit:
    """Say what the reason of an anomaly is; a later one takes the place of an earlier one, which stays on record.

    Raises:
        VisitUnknown, NotHere: it is not one of this site.
        AnomalyUnknown: the visit has no such anomaly.
        TextMissing, TextTooLong: the reason does not make sense.
    """
    visit = await _of_this_site(command.visit_id, change)
    if visit.anomaly(command.key) is None:
        raise AnomalyUnknown(path=("key",))
    await change.record(
        VisitAnomalyAccounted(
            visit_id=visit.id,
            key=command.key,
            reason=required(command.reason, "reason", PARAGRAPH_MAX),
            accounted_by=change.actor.name,
            accounted_at=change.now,
        )
    )
    return await _of_this_site(visit.id, change)


async def watch_visits(_: WatchVisits, change: VisitsChange) -> None:
    """Put on record who is overdue, and close the visits of which nothing was seen for a day.

    Those that left are judged once more by a plan that has changed meanwhile: a site may hear of it long after.
    """
    plan = await plan_of(change)
    visits = await change.entities.those(Visit, OPEN_MAX, node=change.node, state=VisitState.OPEN)
    until = _known_until(visits, change.now) if visits else change.now
    for visit in visits:
        await judge_again(visit, plan, change, until)
        if until - visit.last_at > UNSEEN_AFTER:
            await change.record(VisitClosed(visit_id=visit.id, state=VisitState.UNSEEN, closed_at=change.now))
    for visit in await _left_by_another_plan(plan, change):
        await judge_again(visit, plan, change)


async def _left_by_another_plan(plan: Plan, change: VisitsChange) -> Sequence[Visit]:
    """Return the newest visits that ended by leaving after the plan changed of late."""
    of_late = plan.changes[bisect_right(plan.changes, change.now - HEARD_WITHIN) :]
    if not of_late:
        return ()
    left = await change.entities.those(Visit, LEFT_MAX, node=change.node, state=VisitState.LEFT)
    return [visit for visit in left if visit.last_at >= of_late[0]]


def _known_until(visits: Sequence[Visit], now: datetime) -> datetime:
    """Return until when the site knows what went on in the terminal: devices that were cut off tell it later."""
    heard = max(visit.heard_at for visit in visits)
    return now if now - heard > QUIET_AFTER else min(now, max(visit.last_at for visit in visits))


async def _of_this_site(visit_id: str, change: VisitsChange) -> Visit:
    visit = await change.entities.find(Visit, visit_id)
    if visit is None:
        raise VisitUnknown(path=("visitId",))
    if visit.node != change.node:
        raise NotHere(visit.node, path=("visitId",))
    return visit
