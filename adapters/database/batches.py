"""Batches that could not be taken, in the node's database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, null, select, update

from adapters.database import tombstones
from adapters.database.session import Database, Row, Session
from adapters.database.tables.logs import batch_quarantine, batch_quarantine_drop
from bus.link.batches import REASON_MAX, ROOM_BATCHES, ROOM_BYTES, Untaken
from bus.replication.batch import Header
from bus.replication.log import LogId
from domain.shared.ports import Clock, Ids
from domain.shared.quarantine import QuarantineState
from domain.upkeep.errors import BatchNotKept

_HELD = QuarantineState.HELD.value
_SAME = select(batch_quarantine.c.id).where(
    batch_quarantine.c.room == bindparam("of_room"),
    batch_quarantine.c.child == bindparam("of_child"),
    batch_quarantine.c.refused == bindparam("is_refused"),
)
_PLACE = (
    batch_quarantine.c.origin == bindparam("of_origin"),
    batch_quarantine.c.epoch == bindparam("of_epoch"),
    batch_quarantine.c.channel == bindparam("of_channel"),
    batch_quarantine.c.first == bindparam("at_first"),
)
_SAME_PLACE = _SAME.where(*_PLACE, batch_quarantine.c.state == _HELD)
_DECIDED = _SAME.where(
    *_PLACE,
    batch_quarantine.c.state == QuarantineState.SET_ASIDE.value,
    batch_quarantine.c.reason == bindparam("for_reason"),
)
_RENEW = (
    update(batch_quarantine)
    .where(batch_quarantine.c.id == bindparam("key"))
    .values(last=bindparam("at_last"), size=bindparam("of_size"), data=bindparam("of_data"))
)
_SAME_BYTES = _SAME.where(
    batch_quarantine.c.state == _HELD,
    batch_quarantine.c.origin.is_(None),
    batch_quarantine.c.size == bindparam("of_size"),
    batch_quarantine.c.data == bindparam("of_data"),
)
_FORGET = delete(batch_quarantine).where(batch_quarantine.c.id == bindparam("key"))
_KEEP = insert(batch_quarantine).values(
    {column.name: bindparam(column.name) for column in batch_quarantine.columns}
    | {"state": _HELD, "note": "", "settled_by": "", "settled_at": null()}
)
_IN_ROOM = (
    select(batch_quarantine.c.id, batch_quarantine.c.size, batch_quarantine.c.state)
    .where(batch_quarantine.c.room == bindparam("of_room"), batch_quarantine.c.refused == bindparam("is_refused"))
    .order_by(batch_quarantine.c.id.desc())
)
_COUNT = (
    update(batch_quarantine_drop)
    .where(batch_quarantine_drop.c.room == bindparam("of_room"))
    .values(count=batch_quarantine_drop.c.count + bindparam("more"), last_at=bindparam("at_last"))
)
_HELD_OF_LOG = (
    batch_quarantine.c.room == bindparam("of_room"),
    batch_quarantine.c.state == _HELD,
    batch_quarantine.c.origin == bindparam("of_origin"),
    batch_quarantine.c.epoch == bindparam("of_epoch"),
    batch_quarantine.c.channel == bindparam("of_channel"),
    batch_quarantine.c.refused.is_(False),
)
_STILL_HELD = select(batch_quarantine.c.id).where(*_HELD_OF_LOG).limit(1)
_SETTLE = (
    update(batch_quarantine)
    .where(*_HELD_OF_LOG, batch_quarantine.c.last <= bindparam("head"))
    .values(state=QuarantineState.REPLAYED.value, note="it came again", settled_at=bindparam("when_"))
)


class DatabaseBatches:
    """Batches that could not be taken."""

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        """Keep them in ``database``."""
        self._database = database
        self._clock = clock
        self._ids = ids

    async def keep(self, untaken: Untaken) -> None:
        """Keep a batch, in a change of its own."""
        await self._database.write(lambda session: self._keep(session, untaken))

    async def settle(self, child: str, log: LogId, head: int) -> bool:
        """Note that what is held of a log up to ``head`` came again and is taken; tell whether that was all of it."""
        which = {"of_room": child, "of_origin": log.origin, "of_epoch": log.epoch, "of_channel": log.channel}

        async def within(session: Session) -> bool:
            await session.run(_SETTLE, **which, head=head, when_=self._clock.now())
            return await session.row(_STILL_HELD, **which) is None

        return await self._database.write(within)

    async def _keep(self, session: Session, untaken: Untaken) -> None:
        data = await tombstones.kept_without(session, untaken.data)
        if await self._is_decided(session, untaken, data):
            return
        for row in await self._same(session, untaken):
            await session.run(_FORGET, key=row["id"])
        log = None if untaken.header is None else untaken.header.log
        await session.run(
            _KEEP,
            id=self._ids.new(),
            room=untaken.room,
            child=untaken.child,
            refused=untaken.is_refused,
            origin=log and log.origin,
            epoch=log and log.epoch,
            channel=log and log.channel,
            first=untaken.header and untaken.header.first,
            last=untaken.header and untaken.header.last,
            size=len(data),
            reason=untaken.reason[:REASON_MAX],
            at=self._clock.now(),
            data=data,
        )
        await self._make_room(session, untaken)

    async def _is_decided(self, session: Session, untaken: Untaken, data: bytes) -> bool:
        """Renew the bytes of what an operator has set aside already, at the same place for the same reason."""
        if untaken.header is None:
            return False
        row = await session.row(
            _DECIDED, **_whose(untaken), **_where(untaken.header), for_reason=untaken.reason[:REASON_MAX]
        )
        if row is None:
            return False
        await session.run(_RENEW, key=row["id"], at_last=untaken.header.last, of_size=len(data), of_data=data)
        return True

    async def _same(self, session: Session, untaken: Untaken) -> Sequence[Row]:
        """Return what is held already of the same child and place, or of the same bytes where there is no place."""
        whose = _whose(untaken)
        if untaken.header is None:
            return await session.rows(_SAME_BYTES, **whose, of_size=len(untaken.data), of_data=untaken.data)
        return await session.rows(_SAME_PLACE, **whose, **_where(untaken.header))

    async def _make_room(self, session: Session, untaken: Untaken) -> None:
        """Remove what has no room.

        Raises:
            BatchNotKept: it must not go.
        """
        room, now = untaken.room, self._clock.now()
        rows = await session.rows(_IN_ROOM, of_room=room, is_refused=untaken.is_refused)
        held = [row for row in rows if row["state"] == _HELD]
        settled = [row for row in rows if row["state"] != _HELD]
        dropped = 0
        for row in _beyond_room([*held, *settled]):
            await session.run(_FORGET, key=row["id"])
            dropped += row["state"] == _HELD
        if dropped and untaken.is_refused:
            raise BatchNotKept
        if dropped and not await session.run(_COUNT, of_room=room, more=dropped, at_last=now):
            await session.add(batch_quarantine_drop, [(room, dropped, now)])


def _whose(untaken: Untaken) -> dict[str, Any]:
    return {"of_room": untaken.room, "of_child": untaken.child, "is_refused": untaken.is_refused}


def _where(header: Header) -> dict[str, Any]:
    log = header.log
    return {"of_origin": log.origin, "of_epoch": log.epoch, "of_channel": log.channel, "at_first": header.first}


def _beyond_room(rows: Sequence[Row]) -> Sequence[Row]:
    """Return what has no room, of rows of which the first shall stay."""
    size = 0
    for number, row in enumerate(rows):
        size += row["size"]
        if number >= ROOM_BATCHES or size > ROOM_BYTES:
            return rows[number:]
    return []
