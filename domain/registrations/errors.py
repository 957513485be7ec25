"""Refusals of registrations."""

from domain.shared.errors import Conflict, Invalid, NotFound, Unavailable


class DeviceUnknownHere(NotFound):
    """No device of this code stands at this site."""

    code = "DEVICE_UNKNOWN"


class RegistrationUnknown(NotFound):
    """There is no such registration at this node."""

    code = "REGISTRATION_UNKNOWN"


class RegistrationChangedMeanwhile(Conflict):
    """Somebody else has corrected this registration meanwhile; look at it as it stands."""

    code = "REGISTRATION_CHANGED"


class CorrectionUnfit(Invalid):
    """Say of one object what is right, and of the kind that was registered."""

    code = "CORRECTION_UNFIT"


class CorrectionSaysNothingNew(Invalid):
    """The registration says this already."""

    code = "CORRECTION_SAYS_NOTHING_NEW"


class ListsMissing(Unavailable):
    """A watchlist that this node needs has never arrived here."""

    code = "LISTS_MISSING"


class CheckDigitsFailed(Invalid):
    """Check digits of the document do not hold; read it again, or confirm that it says so."""

    code = "CHECK_DIGITS_FAILED"


class BirthDateImpossible(Invalid):
    """Nobody is born in the future, or was 130 years ago."""

    code = "BIRTH_DATE_IMPOSSIBLE"


class SexUnknown(Invalid):
    """The sex is M, F or X, as in a travel document."""

    code = "SEX_UNKNOWN"


class CargoUnitUnknown(Invalid):
    """This is neither a wagon nor a container."""

    code = "CARGO_UNIT_UNKNOWN"


class QuarantinedPushUnknown(NotFound):
    """There is no such push in quarantine at this node."""

    code = "QUARANTINED_PUSH_UNKNOWN"


class QuarantinedPushSettled(Conflict):
    """This push has left quarantine already."""

    code = "QUARANTINED_PUSH_SETTLED"


class QuarantineFull(Conflict):
    """Quarantine has no more room for what this device sends; the push was not kept."""

    code = "QUARANTINE_FULL"
