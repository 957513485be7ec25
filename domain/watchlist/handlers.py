"""How the watchlist answers its commands."""

from datetime import timedelta

from domain.identifiers.documents import document_number
from domain.identifiers.identifier import Identifier
from domain.identifiers.plates import plate
from domain.shared.errors import Invalid
from domain.shared.texts import PARAGRAPH_MAX, optional, required
from domain.watchlist.commands import ApproveEntry, CreateEntry, WantedIdentifier, WithdrawEntry
from domain.watchlist.errors import (
    ApproverIsAuthor,
    CriteriaMissing,
    CriterionKindUnknown,
    CriterionUnreadable,
    EntryExpired,
    EntryNotLive,
    EntryNotSubmitted,
    EntryUnknown,
    PriorityOutOfRange,
    ScopeMalformed,
    ValidityInPast,
)
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.model import Criterion, Entry, EntryState
from domain.watchlist.ports import WatchlistChange
from domain.watchlist.scopes import is_scope

CRITERIA_MAX = 20
VALIDITY_MAX = timedelta(days=5 * 366)
PRIORITIES = (1, 2, 3)


async def create_entry(command: CreateEntry, change: WatchlistChange) -> Entry:
    """Submit an entry.

    Raises:
        TextMissing, TextTooLong, PriorityOutOfRange, ScopeMalformed, ValidityInPast: a field does not make sense.
        CriteriaMissing, CriterionKindUnknown, CriterionUnreadable: it could match nothing.
    """
    _check(command, change)
    entry = Entry(
        id=change.new_id(),
        title=required(command.title, "title"),
        category=command.category,
        priority=command.priority,
        legal_basis=required(command.legal_basis, "legalBasis", PARAGRAPH_MAX),
        instructions=optional(command.instructions, "instructions", PARAGRAPH_MAX),
        scope=command.scope,
        valid_until=command.valid_until,
        criteria=tuple(
            Criterion(id=change.new_id(), identifier=_identifier(wanted, index))
            for index, wanted in enumerate(command.criteria)
        ),
        author=change.actor.name,
        created_at=change.now,
    )
    await change.record(EntrySubmitted(entry=entry))
    return entry


async def approve_entry(command: ApproveEntry, change: WatchlistChange) -> Entry:
    """Make an entry active; it is live at this node when the command returns.

    Raises:
        EntryUnknown, EntryNotSubmitted, EntryExpired: there is nothing to approve.
        ApproverIsAuthor: four eyes are needed.
    """
    entry = await _known(command.entry_id, change)
    if entry.state is not EntryState.SUBMITTED:
        raise EntryNotSubmitted(path=("entryId",), state=entry.state.value)
    if entry.valid_until <= change.now:
        raise EntryExpired(path=("entryId",))
    if entry.author == change.actor.name:
        raise ApproverIsAuthor(path=("entryId",))
    active = entry.approved(by=change.actor.name, at=change.now)
    await change.record(EntryActivated(entry=active))
    return active


async def withdraw_entry(command: WithdrawEntry, change: WatchlistChange) -> Entry:
    """End an entry.

    Raises:
        TextMissing, TextTooLong: no reason is given, or too much of it.
        EntryUnknown, EntryNotLive: there is nothing to withdraw.
    """
    reason = required(command.reason, "reason")
    entry = await _known(command.entry_id, change)
    if entry.state is EntryState.WITHDRAWN:
        raise EntryNotLive(path=("entryId",), state=entry.state.value)
    await change.record(
        EntryWithdrawn(
            entry_id=entry.id,
            scope=entry.scope,
            was_active=entry.state is EntryState.ACTIVE,
            reason=reason,
            withdrawn_by=change.actor.name,
            withdrawn_at=change.now,
        )
    )
    return entry.withdrawn()


async def _known(entry_id: str, change: WatchlistChange) -> Entry:
    entry = await change.entries.find(entry_id)
    if entry is None:
        raise EntryUnknown(path=("entryId",))
    return entry


def _check(command: CreateEntry, change: WatchlistChange) -> None:
    if command.priority not in PRIORITIES:
        raise PriorityOutOfRange(path=("priority",))
    if not is_scope(command.scope):
        raise ScopeMalformed(path=("scope",))
    if not change.now < command.valid_until <= change.now + VALIDITY_MAX:
        raise ValidityInPast(path=("validUntil",))
    if not 0 < len(command.criteria) <= CRITERIA_MAX:
        raise CriteriaMissing(path=("criteria",))


def _identifier(wanted: WantedIdentifier, index: int) -> Identifier:
    path = ("criteria", str(index))
    try:
        if wanted.kind == "plate":
            return plate(wanted.value, wanted.country)
        if wanted.kind == "document":
            return document_number(wanted.value, wanted.country)
    except Invalid as refusal:
        raise CriterionUnreadable(path=(*path, "value")) from refusal
    raise CriterionKindUnknown(path=(*path, "kind"))
