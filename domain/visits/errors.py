"""Refusals of visits."""

from domain.shared.errors import Conflict, NotFound


class VisitUnknown(NotFound):
    """There is no such visit here."""

    code = "VISIT_UNKNOWN"


class VisitOverAlready(Conflict):
    """This visit is over already."""

    code = "VISIT_OVER"


class AnomalyUnknown(NotFound):
    """There is no such anomaly of this visit."""

    code = "ANOMALY_UNKNOWN"
