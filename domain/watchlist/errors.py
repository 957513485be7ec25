"""Refusals of the watchlist."""

from domain.shared.errors import Conflict, Expired, Forbidden, Invalid, NotFound


class EntryUnknown(NotFound):
    """There is no such watchlist entry."""

    code = "ENTRY_UNKNOWN"


class ApproverIsAuthor(Forbidden):
    """An entry is approved by another person than its author."""

    code = "APPROVER_IS_AUTHOR"


class EntryNotSubmitted(Conflict):
    """Only a submitted entry can be approved."""

    code = "ENTRY_NOT_SUBMITTED"


class EntryNotLive(Conflict):
    """Only a submitted or active entry can be withdrawn."""

    code = "ENTRY_NOT_LIVE"


class EntryExpired(Expired):
    """The entry's validity is over."""

    code = "ENTRY_EXPIRED"


class CriteriaMissing(Invalid):
    """An entry needs at least one and at most 20 criteria."""

    code = "CRITERIA_MISSING"


class CriterionKindUnknown(Invalid):
    """A criterion is a plate or a document."""

    code = "CRITERION_KIND_UNKNOWN"


class CriterionUnreadable(Invalid):
    """Nothing that could be matched is left of the criterion, or too much."""

    code = "CRITERION_UNREADABLE"


class PriorityOutOfRange(Invalid):
    """A priority is 1, 2 or 3."""

    code = "PRIORITY_OUT_OF_RANGE"


class ScopeMalformed(Invalid):
    """A scope is the code of the country, a region or a site: 1 to 40 letters a-z, digits, hyphens; not drafts."""

    code = "SCOPE_MALFORMED"


class ValidityInPast(Invalid):
    """The end of validity must lie ahead, at most five years."""

    code = "VALIDITY_IN_PAST"
