"""Erasing in memory: what is held loses its body and its rows, what comes is taken without."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from adapters.memory.tables import Key, LogRow, Table, Tables
from bus.codec import EventUnreadable, decode
from bus.erasure import is_erased, subjects_of
from bus.feed_modules import ERASURE, feed
from bus.recorded import Recorded, id_text
from bus.replication.batch import BatchTooNew, BatchUnreadable, pack, unpack
from bus.replication.record import Record
from domain.erasure.events import EventsErased
from domain.erasure.model import Erasure
from domain.shared.messages import Event
from domain.shared.quarantine import QuarantineState

V = TypeVar("V")


def erased(tables: Tables, records: Sequence[Record]) -> list[Record]:
    """Return records, those that have a tombstone without their bodies."""
    ids = frozenset(key for (key,), _ in tables.tombstones.items())
    return [
        record.erased() if ids and is_erased(id_text(record.id), _event(record), ids) else record for record in records
    ]


def batch_without(tables: Tables, data: bytes) -> bytes:
    """Return the bytes of a batch without the bodies that have tombstones; as they are where that cannot be told."""
    try:
        header, records = unpack(data)
    except (BatchUnreadable, BatchTooNew):
        return data
    kept = erased(tables, records)
    return data if kept == records else pack(header.log, header.first, header.before, kept, header.generation).data


def erase(event: EventsErased, _: Recorded, tables: Tables) -> None:
    """Put tombstones in, and erase what has one."""
    ids = {*event.events, *event.subjects}
    erasure = Erasure(
        id=event.erasure_id,
        scope=event.scope,
        size=len(ids),
        reason=event.reason,
        legal_basis=event.legal_basis,
        erased_by=event.erased_by,
        erased_at=event.erased_at,
    )
    tables.erasures.put(erasure, erasure.id)
    for one in ids:
        if tables.tombstones.get(one) is None:
            tables.tombstones.put(event.erasure_id, one)
    erase_all(tables)


def owner_of_tombstone(erasure_id: str, tables: Tables) -> str:
    """Return the feed to which a tombstone of an erasure belongs; nobody's where that is not here."""
    erasure = tables.erasures.get(erasure_id)
    return "" if erasure is None else feed(ERASURE, erasure.scope)


def erase_all(tables: Tables) -> None:
    """Erase all that has a tombstone."""
    gone = {key for (key,), _ in tables.tombstones.items()}
    places = [place for held in (tables.events, tables.aged) for place in _forget_bodies(tables, held, gone)]
    _forget_rows(tables, gone)
    for batch_id in [one.id for one in tables.batches.all()]:
        _clear(tables, batch_id, places)


def _forget_bodies(tables: Tables, held: Table[LogRow], gone: set[str]) -> list[Key]:
    """Remove bodies and what else holds them; what they are about is gone from then on, too."""
    found = []
    for key, row in held.items():
        (record,) = erased(tables, [row.record])
        if record == row.record:
            continue
        event, event_id = _event(row.record), id_text(row.record.id)
        gone.update(() if event is None else subjects_of(event)[:1])
        held.put(replace(row, record=record), *key)
        tables.own_events.drop(event_id)
        for name, due in [due for due, _ in tables.due.items() if due[1] == event_id]:
            tables.due.drop(name, due)
        _settle(tables, key)
        found.append(key)
    return found


def _settle(tables: Tables, key: Key) -> None:
    waits = tables.unshown.get(*key)
    if waits is not None:
        is_held = waits.state is QuarantineState.HELD
        state = QuarantineState.SET_ASIDE if is_held else waits.state
        tables.unshown.put(replace(waits, state=state, size=0, note="erased" if is_held else waits.note), *key)


def _forget_rows(tables: Tables, gone: set[str]) -> None:
    _drop(tables.readings, lambda reading: reading.registration_id in gone)
    _drop(tables.sightings, lambda sighting: sighting.registration_id in gone)
    _drop(tables.observations, lambda sighting: sighting.registration_id in gone)
    _drop(tables.links, lambda link: link.linked_passage_id in gone)
    _drop(tables.registrations, lambda registration: registration.id in gone)
    _drop(tables.alarms, lambda alarm: alarm.id in gone)
    _drop(tables.causes, lambda alarm_id: alarm_id in gone)
    _drop(tables.entries, lambda entry: entry.id in gone)
    for rows in tables.entities.values():
        for key in [key for key, _ in rows.items() if key[0] in gone]:
            rows.drop(*key)
    _drop(tables.sought, lambda entry_id: entry_id in gone)
    _drop(tables.answers, lambda answered: any(one.encode() in answered.answer for one in gone))


def _drop(table: Table[V], is_gone: Callable[[V], bool]) -> None:
    for key in [key for key, row in table.items() if is_gone(row)]:
        table.drop(*key)


def _clear(tables: Tables, batch_id: str, places: Sequence[Key]) -> None:
    """Take bodies out of a batch in quarantine; one that cannot be read, and had one of them in it, is emptied."""
    held, data = tables.batches.get(batch_id), tables.batch_bytes.get(batch_id)
    if held is None or data is None:
        return
    try:
        unpack(data)
    except (BatchUnreadable, BatchTooNew):
        of = held.origin, held.channel, held.epoch
        if any(place[:3] == of and (held.first or 0) <= place[3] <= (held.last or 0) for place in places):
            emptied = replace(held, size=0, state=QuarantineState.SET_ASIDE, note="erased")
            tables.batches.put(emptied, batch_id)
            tables.batch_bytes.put(b"", batch_id)
        return
    kept = batch_without(tables, data)
    tables.batches.put(replace(held, size=len(kept)), batch_id)
    tables.batch_bytes.put(kept, batch_id)


def _event(record: Record) -> Event | None:
    if record.body is None:
        return None
    try:
        return decode(record.body)[2]
    except EventUnreadable:
        return None
