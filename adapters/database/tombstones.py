"""Tombstones within a transaction: what comes is taken without its body where it has one.

Who takes events in and who erases exclude each other: else an event that arrives beside its tombstone would keep its
body, for neither transaction sees the other.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Text, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from adapters.database.session import Session
from adapters.database.tables.erasure import tombstone
from bus.codec import EventUnreadable, decode
from bus.erasure import is_erased, subjects_of
from bus.recorded import id_text
from bus.replication.batch import Batch, BatchTooNew, BatchUnreadable, pack, unpack
from bus.replication.record import Record
from domain.shared.messages import Event

LOCK: Final = 0x0CA1F5D


class _Lock(FunctionElement[str]):
    """The lock between those who take events in, side by side, and who erases; held until the transaction ends."""

    type = Text()
    inherit_cache = True


class _Beside(_Lock):
    inherit_cache = True


class _Alone(_Lock):
    inherit_cache = True


@compiles(_Lock, "sqlite")
@compiles(_Beside, "sqlite")
@compiles(_Alone, "sqlite")
def _on_sqlite(*_: Any, **__: Any) -> str:
    return "NULL"  # there is but one writer


@compiles(_Beside, "postgresql")
def _beside_on_postgresql(*_: Any, **__: Any) -> str:
    return f"pg_advisory_xact_lock_shared({LOCK})"


@compiles(_Alone, "postgresql")
def _alone_on_postgresql(*_: Any, **__: Any) -> str:
    return f"pg_advisory_xact_lock({LOCK})"


_BESIDE, _ALONE = select(_Beside()), select(_Alone())
_ALL = select(tombstone.c.id)
_ANY = _ALL.limit(1)
_AMONG = select(tombstone.c.id).where(tombstone.c.id.between(bindparam("low"), bindparam("high")))


async def beside(session: Session) -> None:
    """Wait until nobody erases; nobody does from now on until the transaction ends."""
    await session.row(_BESIDE)


async def alone(session: Session) -> None:
    """Wait until nobody takes events in; nobody does from now on until the transaction ends."""
    await session.row(_ALONE)


async def are_there(session: Session) -> bool:
    """Tell whether anything was ever erased."""
    return await session.row(_ANY) is not None


async def among(session: Session, ids: Iterable[str]) -> frozenset[str]:
    """Return those of these ids, all in their canonical form, that have a tombstone."""
    wanted = set(ids)
    if not wanted:
        return frozenset()
    found = await session.rows(_AMONG, low=min(wanted), high=max(wanted))
    return frozenset(str(row["id"]) for row in found).intersection(wanted)


async def known(session: Session) -> frozenset[str]:
    """Return all tombstones."""
    return frozenset([str(row["id"]) for row in await session.rows(_ALL)])


async def without_erased(session: Session, records: Sequence[Record]) -> list[Record]:
    """Return records, those that have a tombstone without their bodies."""
    await beside(session)
    ids = (one for record in records for one in ids_of(id_text(record.id), _event(record)))
    return erased(records, await among(session, ids))


def erased(records: Sequence[Record], ids: frozenset[str]) -> list[Record]:
    """Return records, those without their bodies that are of these ids or about one of them."""
    if not ids:
        return list(records)
    return [record.erased() if is_erased(id_text(record.id), _event(record), ids) else record for record in records]


async def kept_without(session: Session, data: bytes) -> bytes:
    """Return the bytes of a batch without the bodies that have tombstones; as they are where that cannot be told."""
    try:
        batch = unpack(data)
    except (BatchUnreadable, BatchTooNew):
        return data
    return packed_anew(batch, await without_erased(session, batch.records)) or data


def packed_anew(batch: Batch, records: Sequence[Record]) -> bytes | None:
    """Return a batch with these records in place of its own; None when they are the same."""
    if records == batch.records:
        return None
    header = batch.header
    return pack(header.log, header.first, header.before, records, header.generation).data


def ids_of(event_id: str, event: Event | None) -> tuple[str, ...]:
    """Return the ids by which an event may be erased."""
    return (event_id, *(() if event is None else subjects_of(event)))


def _event(record: Record) -> Event | None:
    if record.body is None:
        return None
    try:
        return decode(record.body)[2]
    except EventUnreadable:
        return None
