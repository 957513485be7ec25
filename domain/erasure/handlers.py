"""How data is erased."""

from collections import defaultdict

from domain.erasure.commands import Erase
from domain.erasure.errors import EntryStillSought, IdsOutOfRange, NothingToErase
from domain.erasure.events import EventsErased
from domain.erasure.model import Erasure, LogHead, Named
from domain.erasure.ports import ErasureChange
from domain.shared.texts import PARAGRAPH_MAX, required

IDS_MAX = 100


async def erase(command: Erase, change: ErasureChange) -> tuple[Erasure, ...]:
    """Erase all that is on record about some objects; return what was done, one of each scope.

    Raises:
        TextMissing, TextTooLong: it is not said why.
        IdsOutOfRange, NothingToErase: there is nothing to erase, or too much at once.
        EntryStillSought: erased, an entry would not be sought any more, and nobody would have withdrawn it.
    """
    reason = required(command.reason, "reason")
    legal_basis = required(command.legal_basis, "legalBasis", PARAGRAPH_MAX)
    if not 0 < len(command.ids) <= IDS_MAX:
        raise IdsOutOfRange(path=("ids",))
    heads = await change.erasables.heads()
    by_scope = await _found(command.ids, change)
    erasures = []
    for scope, named in sorted(by_scope.items()):
        erasure = Erasure(
            id=change.new_id(),
            scope=scope,
            size=named.size,
            reason=reason,
            legal_basis=legal_basis,
            erased_by=change.actor.name,
            erased_at=change.now,
        )
        await change.record(_event(erasure, named, heads.get(scope, ())))
        erasures.append(erasure)
    return tuple(erasures)


async def _found(ids: tuple[str, ...], change: ErasureChange) -> dict[str, Named]:
    by_scope: defaultdict[str, Named] = defaultdict(Named)
    for number, one in enumerate(ids):
        found = await change.erasables.find(one)
        if found is None:
            raise NothingToErase(path=("ids", str(number)))
        if found.is_sought:
            raise EntryStillSought(path=("ids", str(number)))
        for scope, held in found.by_scope.items():
            by_scope[scope] |= held
    return by_scope


def _event(erasure: Erasure, named: Named, heads: tuple[LogHead, ...]) -> EventsErased:
    return EventsErased(
        erasure_id=erasure.id,
        scope=erasure.scope,
        events=tuple(sorted(named.events)),
        subjects=tuple(sorted(named.subjects)),
        heads=heads,
        reason=erasure.reason,
        legal_basis=erasure.legal_basis,
        erased_by=erasure.erased_by,
        erased_at=erasure.erased_at,
    )
