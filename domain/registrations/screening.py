"""Matching as part of the change that registers: a failure is recorded as such, never as the absence of a match."""

from collections.abc import Collection, Iterable, Sequence

from domain.identifiers.identifier import Identifier
from domain.registrations.model import FeedVersion, Match, Screening, ScreeningOutcome
from domain.registrations.ports import RegistrationsChange
from domain.shared.errors import Refusal


def concluded(matches: Iterable[Match], list_version: tuple[FeedVersion, ...], missing: Collection[str]) -> Screening:
    """Return what matching came to, the gravest match first.

    While a list is ``missing`` that was to be matched against too, what was met counts and what was not met does not.
    """
    return Screening(
        outcome=ScreeningOutcome.NOT_CHECKED if missing else ScreeningOutcome.CHECKED,
        list_version=list_version,
        matches=tuple(sorted(matches, key=lambda match: (match.priority, match.entry_id))),
        reason=f"never arrived here: {', '.join(sorted(missing))}" if missing else "",
    )


async def screen(identifiers: Sequence[Identifier], change: RegistrationsChange) -> Screening:
    """Match identifiers; a technical failure gives ``not_checked`` with the reason (screening rule M4).

    Where it is the node's database that fails, the change fails as a whole, whatever is made of it here.
    """
    try:
        return await change.watchlist.screen(identifiers, change.now)
    except Exception as failure:  # noqa: BLE001 - whatever failed, the object is put on record as not checked
        reason = failure.message if isinstance(failure, Refusal) else f"the check failed: {type(failure).__name__}"
        return Screening(outcome=ScreeningOutcome.NOT_CHECKED, list_version=(), reason=reason)
