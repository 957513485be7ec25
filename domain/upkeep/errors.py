"""What is refused when an operator looks after the quarantine."""

from domain.shared.errors import Conflict, NotFound, Unavailable


class QuarantinedEventUnknown(NotFound):
    """There is no such event in quarantine at this node."""

    code = "QUARANTINED_EVENT_UNKNOWN"


class QuarantinedEventSettled(Conflict):
    """This event has left quarantine already."""

    code = "QUARANTINED_EVENT_SETTLED"


class EventStillRefused(Conflict):
    """This event still cannot be shown."""

    code = "EVENT_STILL_REFUSED"


class QuarantinedBatchUnknown(NotFound):
    """There is no such batch in quarantine at this node."""

    code = "QUARANTINED_BATCH_UNKNOWN"


class QuarantinedBatchSettled(Conflict):
    """This batch has left quarantine already."""

    code = "QUARANTINED_BATCH_SETTLED"


class BatchStillRefused(Conflict):
    """This batch still cannot be taken."""

    code = "BATCH_STILL_REFUSED"


class BatchNotForThisNode(Conflict):
    """This batch is not for this node to take: a child handed it back, or it gave way to the parent's history."""

    code = "BATCH_NOT_FOR_THIS_NODE"


class BatchNotKept(Unavailable):
    """Events that give way cannot be kept: there is no room until some that are held are set aside."""

    code = "BATCH_NOT_KEPT"
