"""Matching as part of the change that registers: a failure is recorded as such, never as the absence of a match."""

from collections.abc import Sequence

from domain.crossings.model import Screening, ScreeningOutcome
from domain.crossings.ports import CrossingsChange
from domain.identifiers.identifier import Identifier
from domain.shared.errors import Refusal


async def screen(identifiers: Sequence[Identifier], change: CrossingsChange) -> Screening:
    """Match identifiers; a technical failure gives ``not_checked`` with the reason (screening rule M4)."""
    try:
        return await change.watchlist.screen(identifiers, change.now)
    except Exception as failure:  # noqa: BLE001 - whatever failed, the object is put on record as not checked
        reason = failure.message if isinstance(failure, Refusal) else f"the check failed: {type(failure).__name__}"
        return Screening(outcome=ScreeningOutcome.NOT_CHECKED, list_version=(), reason=reason)
