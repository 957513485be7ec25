"""What an erasure takes: events by their ids, and all that is about the same object.

A tombstone is the id of an event, or of an object. No node holds the body of an event that has one: it goes when the
tombstone comes, and where the event comes later it is taken without.
"""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bus.catalogue import ENTITIES, EVENTS, scope_of
from bus.recorded import Recorded
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.erasure.model import Erasable, Named
from domain.registrations.events import (
    PassagesLinked,
    PicturesAdded,
    ReadingTaken,
    Registered,
    RegistrationCorrected,
    Rescreened,
)
from domain.shared.messages import Event
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.scopes import DRAFTS

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_SUBJECTS: Mapping[type[Event], Callable[[Any], tuple[str | None, ...]]] = {
    ReadingTaken: lambda e: (e.registration_id,),
    PicturesAdded: lambda e: (e.registration_id,),
    Registered: lambda e: (e.registration.id,),
    RegistrationCorrected: lambda e: (e.registration_id,),
    Rescreened: lambda e: (e.registration_id,),
    PassagesLinked: lambda e: (e.linked_passage_id, e.registration_id, e.linked_registration_id),
    AlarmRaised: lambda e: (e.alarm.id, e.alarm.registration_id),
    AlarmRepeated: lambda e: (e.alarm_id,),
    AlarmAcknowledged: lambda e: (e.alarm_id,),
    FaultEnded: lambda e: (e.alarm_id,),
    EntrySubmitted: lambda e: (e.entry.id,),
    EntryActivated: lambda e: (e.entry.id,),
    EntryWithdrawn: lambda e: (e.entry_id,),
}
"""What events are about; an alarm for a registration goes with that, and so does what links it
to another. What neither is here nor shows an entity stays."""


def subjects_of(event: Event) -> tuple[str, ...]:
    """Return the ids of what an event is about, the nearest first; nothing when its kind is not erased."""
    subjects = _SUBJECTS.get(type(event), _of_its_entity)
    return tuple(one for one in subjects(event) if one is not None and is_id(one))


def _of_its_entity(event: Event) -> tuple[str | None, ...]:
    """Return of an event that shows a node's own entity the id of that, and those with which it goes."""
    shows = EVENTS[type(event)].shows
    if shows is None or not ENTITIES[shows.entity].is_fact:
        return ()
    return (shows.key(event), *shows.erased_with(event))


def is_id(text: str) -> bool:
    """Tell whether a text is an id in its canonical form."""
    return _ID.fullmatch(text) is not None


def is_erased(event_id: str, event: Event | None, erased: frozenset[str]) -> bool:
    """Tell whether an event, or what it is about as far as it can be read, is among these ids."""
    return event_id in erased or (event is not None and not erased.isdisjoint(subjects_of(event)))


async def gathered(
    of_id: str, naming: Callable[[str], Awaitable[Sequence[Recorded]]], now: datetime
) -> Erasable | None:
    """Return all that is on record about an object or the object of an event, or None.

    Args:
        of_id: of the object or the event.
        naming: returns the events of this id, or that are about this object.
        now: time by which an entry is live.
    """
    wanted, seen, events = [of_id], {of_id}, dict[str, Recorded]()
    while wanted:
        for one in await naming(wanted.pop()):
            events[one.id] = one
            nearest = subjects_of(one.event)[:1]
            wanted += [subject for subject in nearest if subject not in seen]
            seen.update(nearest)
    erased = [one for one in events.values() if subjects_of(one.event)]
    return Erasable(by_scope=_by_scope(erased, seen), is_sought=_is_sought(erased, now)) if erased else None


def _by_scope(events: Collection[Recorded], sought: Collection[str]) -> Mapping[str, Named]:
    """Return what is erased by scope: each once, and nothing in the scope of drafts where it stands elsewhere too.

    What was sought is named even where only others' events are about it yet: an alarm comes ahead of its registration.
    """
    found: defaultdict[str, Named] = defaultdict(Named)
    nearest, further = list[tuple[str, str]](), list[tuple[str, str]]()
    for one in events:
        scope, subjects = scope_of(one.log), subjects_of(one.event)
        found[scope] |= Named(events=frozenset({one.id}))
        nearest.append((subjects[0], scope))
        further += [(subject, scope) for subject in subjects[1:] if subject in sought]
    scopes: dict[str, str] = {}
    for subject, scope in (*nearest, *further):
        if scopes.get(subject, DRAFTS) == DRAFTS:
            scopes[subject] = scope
    for subject, scope in scopes.items():
        found[scope] |= Named(subjects=frozenset({subject}))
    return found


def _is_sought(events: Iterable[Recorded], now: datetime) -> bool:
    withdrawn = {one.event.entry_id for one in events if isinstance(one.event, EntryWithdrawn)}
    entries = [one.event.entry for one in events if isinstance(one.event, EntryActivated)]
    return any(entry.id not in withdrawn and entry.valid_until > now for entry in entries)
