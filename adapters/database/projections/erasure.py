"""Erasures and their tombstones, from events to rows; what they name goes in the same transaction."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from adapters.database import tombstones
from adapters.database.erasing import erase
from adapters.database.session import Session
from adapters.database.tables.erasure import erasure, tombstone
from bus.recorded import Recorded
from domain.erasure.events import EventsErased
from domain.erasure.model import Named
from domain.shared.messages import Event


async def _erased(session: Session, _: Recorded, event: EventsErased) -> None:
    """Put the tombstones in, where they are not yet: an owner that was restored may erase the same once more."""
    named = Named(events=frozenset(event.events), subjects=frozenset(event.subjects))
    ids = named.events | named.subjects
    await session.add(
        erasure,
        [
            (
                event.erasure_id,
                event.scope,
                len(ids),
                event.reason,
                event.legal_basis,
                event.erased_by,
                event.erased_at,
            )
        ],
    )
    new = sorted(ids - await tombstones.among(session, ids))
    await session.add(tombstone, [(one, one in named.events, event.erasure_id) for one in new])
    await erase(session, named, event)


UPDATED: Mapping[type[Event], Callable[[Session, Recorded, Any], Awaitable[None]]] = {EventsErased: _erased}
