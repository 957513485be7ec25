"""Of which class the vehicle of a visit is, where its terminal asks."""

from domain.organisation.events import Plan, VehicleClass
from domain.visits.model import Visit
from domain.visits.ports import VisitsChange


def tells_classes_apart(plan: Plan) -> bool:
    """Tell whether anything must be passed, or ever had to be, by vehicles of some classes alone."""
    forms = (form for checkpoint in plan.checkpoints for form in (checkpoint, *checkpoint.earlier))
    return any(one.classes for form in forms for one in form.required)


async def class_of(visit: Visit, plan: Plan, change: VisitsChange) -> VehicleClass | None:
    """Return the class that all readings of the vehicle, not of what it draws, tell; None where nobody asks."""
    if not tells_classes_apart(plan):
        return None
    drawn = {pair.trailer for pair in visit.pairs}
    return await change.readings.vehicle_class(point.id for point in visit.points if point.id not in drawn)
