"""Showing events that are on record in the tables; who cannot be shown goes to quarantine and blocks nobody."""

import heapq
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby

from adapters.memory.projections import project
from adapters.memory.tables import Key, LogRow, Tables, require
from bus.catalogue import UP
from bus.codec import EventUnreadable
from bus.link.reasons import reason_of, trouble_of
from bus.recorded import Recorded, id_text, read_at
from bus.replication.log import LogId
from bus.snapshots.ports import Load
from domain.shared.quarantine import QuarantineState
from domain.upkeep.model import QuarantinedEvent


def show(log: LogId, seq: int, row: LogRow, tables: Tables, now: datetime) -> Recorded | None:
    """Show an event; return it if it can be read. An erased one shows nowhere."""
    try:
        recorded = read_at(log, seq, row.hash, row.record, id_text(row.record.id))
    except EventUnreadable as failure:
        _quarantine(log, seq, row, failure, tables, now=now)
        return None
    if recorded is None:
        return None
    try:
        with tables.savepoint():
            project(recorded, tables)
    except Exception as failure:  # noqa: BLE001 - no event may block those after it
        _quarantine(log, seq, row, failure, tables, now=now)
    return recorded


def show_all_anew(tables: Tables, now: datetime, again: Collection[Key] = ()) -> dict[Key, Recorded]:
    """Fill the tables again, with all events in the order in which they may depend on each other.

    A feed whose log begins behind a snapshot has to be loaded from another one.
    Those in quarantine are left out, but for those ``again`` is asked for; return what of these shows.
    """
    for key in again:
        tables.unshown.drop(*key)
    tables.forget_shown()
    for held in tables.logs.all():
        if held.floor.seq and held.log.channel not in UP:
            require(tables, Load(feed=held.log.channel, snapshot="", pieces=0, is_first=False))
    waiting = {one.id for one in tables.unshown.all() if one.state is not QuarantineState.REPLAYED}
    seen: set[bytes] = set()
    shown: dict[Key, Recorded] = {}
    asked = {row.record.id for key in again if (row := tables.events.get(*key)) is not None}
    for key, row in _told(tables):
        origin, channel, epoch, seq = key
        if row.record.id in seen or id_text(row.record.id) in waiting:
            continue
        if row.record.id in asked and key not in again:
            continue
        seen.add(row.record.id)
        recorded = show(LogId(origin, epoch, channel), seq, row, tables, now)
        if key in again and recorded is not None and tables.unshown.get(*key) is None:
            shown[key] = recorded
    return shown


def _told(tables: Tables) -> Iterator[tuple[Key, LogRow]]:
    """Yield all events, those of an origin's channel as they follow each other, of others the oldest first.

    Within a channel stamps do not tell the order: a clock may have been put back.
    """
    rows = sorted((*tables.aged.items(), *tables.events.items()), key=lambda item: item[0])
    channels = [list(channel) for _, channel in groupby(rows, key=lambda item: item[0][:2])]
    return heapq.merge(*channels, key=lambda item: item[1].record.hlc)


def _quarantine(log: LogId, seq: int, row: LogRow, failure: Exception, tables: Tables, *, now: datetime) -> None:
    held = QuarantinedEvent(
        id=id_text(row.record.id),
        origin=log.origin,
        epoch=log.epoch,
        channel=log.channel,
        seq=seq,
        size=len(row.record.body or b""),
        trouble=trouble_of(failure),
        state=QuarantineState.HELD,
        reason=reason_of(failure),
        at=now,
    )
    tables.unshown.put(held, log.origin, log.channel, log.epoch, seq)
