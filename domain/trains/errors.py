"""Refusals of trains."""

from domain.shared.errors import Conflict, Expired, Forbidden, Invalid, NotFound


class TrainUnknown(NotFound):
    """There is no such train here."""

    code = "TRAIN_UNKNOWN"


class TrainPassageUnknown(NotFound):
    """No such train has passed here."""

    code = "TRAIN_PASSAGE_UNKNOWN"


class TrainChangedMeanwhile(Conflict):
    """Somebody or something changed this train meanwhile; look at it again."""

    code = "TRAIN_CHANGED_MEANWHILE"


class TrainStateForbids(Conflict):
    """The state of this train does not allow this."""

    code = "TRAIN_STATE_FORBIDS"


class TrainActNotUndone(Conflict):
    """This cannot be undone; correct, cancel or reopen the train."""

    code = "TRAIN_ACT_NOT_UNDONE"


class TrainActNotYours(Forbidden):
    """What was done with a train is undone by the officer who did it."""

    code = "TRAIN_ACT_NOT_YOURS"


class TrainUndoTooLate(Expired):
    """What was done with a train can be undone for ten minutes."""

    code = "TRAIN_UNDO_TOO_LATE"


class DifferencesUnaccounted(Conflict):
    """The train differs from its list in what nobody has accounted for."""

    code = "DIFFERENCES_UNACCOUNTED"


class DifferenceUnknown(NotFound):
    """The train has no such difference."""

    code = "DIFFERENCE_UNKNOWN"


class TrainPassageLinkedAlready(Conflict):
    """This passage, or this train, is linked already."""

    code = "TRAIN_PASSAGE_LINKED_ALREADY"


class TrainPassageNotLinked(Conflict):
    """This passage is not linked to a train."""

    code = "TRAIN_PASSAGE_NOT_LINKED"


class TrainPassageEndedAlready(Conflict):
    """This train has passed already."""

    code = "TRAIN_PASSAGE_ENDED_ALREADY"


class ConsistLengthImpossible(Invalid):
    """A train has 1 to 200 wagons, each with at most 8 containers."""

    code = "CONSIST_LENGTH_IMPOSSIBLE"


class ConsistCodeUnreadable(Invalid):
    """The list has wagons or containers without a number, or with one of which nothing can be made."""

    code = "CONSIST_CODE_UNREADABLE"


class WagonTwice(Invalid):
    """The list has the same wagon twice."""

    code = "WAGON_TWICE"


class ContainerTwice(Invalid):
    """The list has the same container twice."""

    code = "CONTAINER_TWICE"


class WagonMassImpossible(Invalid):
    """A mass is above 0, of a wagon at most 200 000 and of a container at most 60 000 kilograms."""

    code = "WAGON_MASS_IMPOSSIBLE"


class WagonNotOfTrain(Invalid):
    """The train has no such wagon."""

    code = "WAGON_NOT_OF_TRAIN"
