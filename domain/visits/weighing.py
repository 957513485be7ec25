"""How the weighings at the checkpoints of a terminal come to its visits."""

from domain.organisation.events import Plan
from domain.registrations.events import Measurement, MeasurementPlaced, WeighingTaken
from domain.visits.events import VisitContinued
from domain.visits.following import go_on, judge_again, plan_of, visit_of_id
from domain.visits.model import Visit, Weight
from domain.visits.ports import VisitsChange


def is_placed(event: WeighingTaken) -> bool:
    """Tell whether it is known what was weighed."""
    return event.measurement.registration_id is not None


def is_weighing(event: MeasurementPlaced) -> bool:
    """Tell whether a weight was measured, and not radiation."""
    return event.radiation is None


async def take_weight(event: WeighingTaken | MeasurementPlaced, change: VisitsChange) -> None:
    """Put what a vehicle weighed on its visit, as soon as it is known which vehicle it was."""
    if isinstance(event, WeighingTaken):
        measurement: Measurement | None = event.measurement
    else:
        measurement = await change.entities.find(Measurement, event.measurement_id)
    if measurement is None or measurement.weight is None or measurement.registration_id is None:
        return
    plan = await plan_of(change)
    visit = await visit_of_id(measurement.registration_id, plan, change)
    if isinstance(event, MeasurementPlaced) and event.was_registration_id is not None:
        before = await visit_of_id(event.was_registration_id, plan, change)
        if before is not None and (visit is None or before.id != visit.id):
            await _take_away(measurement.id, before, plan, change)
    if visit is None:
        return
    weight = Weight(
        id=measurement.id, registration_id=measurement.registration_id, gross_kg=measurement.weight.gross_kg
    )
    told = VisitContinued(visit_id=visit.id, heard_at=change.now, weights=(weight,))
    await judge_again(await go_on(visit, told, change), plan, change)


async def _take_away(measurement_id: str, visit: Visit, plan: Plan, change: VisitsChange) -> None:
    told = VisitContinued(visit_id=visit.id, heard_at=change.now, mistaken=(measurement_id,))
    await judge_again(await go_on(visit, told, change), plan, change)
