"""The logs in a node's database: read for sending, applied from batches, shown in the tables."""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import and_, bindparam, exists, func, or_, select, update

from adapters.database import epochs
from adapters.database.arrivals import Intake
from adapters.database.elements import IsOneOfIds
from adapters.database.heads import OF_EVENT, hash_at, head, in_order, lock
from adapters.database.prepared import Arrivals, prepare
from adapters.database.records import id_bytes, to_record
from adapters.database.session import Database, Row, Session, tell_of_rows
from adapters.database.tables.logs import event, event_quarantine, log
from adapters.database.turns import Line, Turn, lines_beside, lines_of
from bus.catalogue import UP
from bus.ports import Listener, LogStatus
from bus.recorded import Recorded, id_text
from bus.replication.batch import Batch
from bus.replication.clock import HybridClock, wall_time
from bus.replication.log import LogId, Position
from bus.replication.ports import Applied, HeldLog
from bus.replication.record import Record
from domain.shared.ports import Clock, Ids
from domain.shared.quarantine import QuarantineState

_ALL = select(log).order_by(log.c.origin, log.c.channel, log.c.epoch)
_RECORDS = (
    select(event.c.seq, event.c.id, event.c.hlc, event.c.salt, event.c.body, event.c.commitment)
    .where(event.c.log_id == bindparam("log_id"), event.c.seq >= bindparam("first"))
    .order_by(event.c.seq)
    .limit(bindparam("limit"))
)
_PLACES = (
    select(event.c.id, event.c.seq, log.c.origin, log.c.epoch, log.c.channel)
    .join(log, OF_EVENT)
    .where(IsOneOfIds(event.c.id, bindparam("keys")), log.c.origin == bindparam("of_origin"))
)
_THIS_LOG = (
    log.c.origin == bindparam("of_origin"),
    log.c.epoch == bindparam("of_epoch"),
    log.c.channel == bindparam("of_channel"),
)
_CONFIRM = update(log).where(*_THIS_LOG).values(parent_seq=bindparam("last"), parent_hash=bindparam("chained"))
_IS_HELD = or_(
    and_(log.c.seq == bindparam("last"), log.c.hash == bindparam("chained")),
    log.c.floor_seq >= bindparam("last"),
    exists().where(event.c.log_id == log.c.id, event.c.seq == bindparam("last"), event.c.hash == bindparam("chained")),
)
_TRIM = (
    update(log)
    .where(*_THIS_LOG, log.c.centre_seq < bindparam("last"), _IS_HELD)
    .values(centre_seq=bindparam("last"), centre_hash=bindparam("chained"))
)
_GO_ON_BEHIND = (
    update(log)
    .where(*_THIS_LOG)
    .values(
        seq=bindparam("last"),
        hash=bindparam("chained"),
        projected=bindparam("last"),
        floor_seq=bindparam("last"),
        floor_hash=bindparam("chained"),
    )
)
_REDIRECT = update(log).where(*_THIS_LOG, log.c.origin != bindparam("own")).values(via=bindparam("way"))
_ARRIVED = update(log).where(*_THIS_LOG).values(arrived=True)
_QUARANTINED = (
    select(event_quarantine.c.log_id, func.count().label("n"))
    .where(event_quarantine.c.state == QuarantineState.HELD.value)
    .group_by(event_quarantine.c.log_id)
)
_OLDEST_WAITING = select(event.c.hlc).where(event.c.log_id == bindparam("log_id"), event.c.seq == bindparam("at_seq"))
_log = structlog.get_logger(__name__)


class DatabaseLogs:
    """The logs of a node.

    Attributes:
        listeners: told of events of other nodes once they are applied.
        clocks_ahead: nodes whose events bore a time too far ahead of this node's clock, and when that was seen last.
    """

    def __init__(
        self, database: Database, *, node: str, ids: Ids, clock: Clock, hybrid: HybridClock, parent: str | None
    ) -> None:
        """Serve ``node`` below ``parent``; None: it is the centre.

        The centre's own commit is the centre's confirmation, and what comes from the parent needs none.
        """
        self._database = database
        self._node = node
        self._ids = ids
        self._clock = clock
        self._hybrid = hybrid
        self._parent = parent
        self._turns: dict[Line, Turn] = {}
        self.listeners: list[Listener] = []
        self.clocks_ahead: dict[str, datetime] = {}

    async def held(self) -> Sequence[HeldLog]:
        """Return every log at this node."""
        return [self._to_held(row) for row in await self._database.read(lambda session: session.rows(_ALL))]

    async def find(self, log: LogId) -> HeldLog | None:
        """Return one log, or None."""
        row = await self._database.read(lambda session: head(session, log))
        return None if row is None else self._to_held(row)

    async def read(self, log: LogId, first: int, limit: int) -> tuple[bytes, Sequence[Record]]:
        """Return the hash ahead of event ``first``, and up to ``limit`` records from there on."""

        async def within(session: Session) -> tuple[bytes, Sequence[Record]]:
            row = await head(session, log)
            before = None if row is None else await hash_at(session, row, first - 1)
            if row is None or before is None:
                raise LookupError(f"{log} has nothing before {first}")
            rows = await session.rows(_RECORDS, log_id=row["id"], first=first, limit=limit)
            return before, [to_record(one) for seq, one in enumerate(rows, first) if one["seq"] == seq]

        return await self._database.read(within)

    async def hash_at(self, log: LogId, seq: int) -> bytes | None:
        """Return the hash of the chain at ``seq``, or None when it is not held."""

        async def within(session: Session) -> bytes | None:
            row = await head(session, log)
            return None if row is None else await hash_at(session, row, seq)

        return await self._database.read(within)

    async def places(self, origin: str, ids: Collection[bytes]) -> Mapping[bytes, Collection[tuple[LogId, int]]]:
        """Return where each of these events stands in logs of ``origin``."""
        keys = json.dumps([id_text(one) for one in ids])
        rows = await self._database.read(lambda session: session.rows(_PLACES, keys=keys, of_origin=origin))
        found: defaultdict[bytes, list[tuple[LogId, int]]] = defaultdict(list)
        for row in rows:
            found[id_bytes(row["id"])].append((LogId(row["origin"], row["epoch"], row["channel"]), row["seq"]))
        return found

    async def apply(self, batches: Sequence[Batch], via: str) -> Sequence[Applied]:
        """Judge batches in order and apply what follows, all in one transaction."""
        logs = {batch.header.log for batch in batches}
        turn = Turn(self._turns, lines_of(logs))
        try:
            arrivals = await prepare(batches)
            await turn.come()
            applied = await self._take_in(arrivals, lambda intake: intake.lock(logs, node=self._node, via=via))
        finally:
            turn.end()
        for batch in batches:
            self._merge_clock(batch)
        return applied

    async def recall(self, batch: Batch) -> Applied:
        """Apply what the parent holds of a log beyond what this node did."""
        log = batch.header.log
        turn = Turn(self._turns, lines_of([log]))
        try:
            arrivals = await prepare([batch])
            await turn.come()
            (applied,) = await self._take_in(arrivals, lambda intake: intake.lock_recalled(log, node=self._node))
        finally:
            turn.end()
        return applied

    async def epoch(self) -> int:
        """Return the epoch under which the node records."""
        return await self._database.read(epochs.present)

    async def go_on(self, above: int) -> int:
        """Record under an epoch greater than ``above`` from now on, if not so already; return the epoch."""
        has_parent = self._parent is not None
        return await self._database.write(
            lambda session: epochs.go_on(session, self._node, above, self._ids, has_parent=has_parent), alone=True
        )

    async def give_way(self, log: LogId, seq: int) -> None:
        """Remove what follows ``seq`` from a log; what is the node's own is recorded anew."""
        is_own = log.origin == self._node
        turn = Turn(self._turns, lines_beside(log))
        try:
            await turn.come()
            await self._database.write(
                lambda session: epochs.give_way(session, log, seq, self._ids, is_own=is_own),
                lambda _: tell_of_rows(self._database),
                alone=is_own,
            )
        finally:
            turn.end()

    async def adopt(self, batch: Batch) -> None:
        """Record anew in the present epoch what a batch of the node's own holds and none of its logs does."""

        async def within(session: Session) -> tuple[list[Applied], list[Recorded]]:
            return [], await epochs.adopt(session, batch.header.log, batch.records, self._clock.now())

        await self._database.write(within, self._tell, alone=True)

    async def redirect(self, log: LogId, via: str) -> bool:
        """Have a log arrive through ``via`` from now on; False when there is none, or it is the node's own."""
        redirected = await self._database.write(
            lambda session: session.run(_REDIRECT, **_where(log), way=via, own=self._node)
        )
        return redirected > 0

    async def begin(self, channel: str) -> None:
        """Begin the node's own log of a channel, without an event yet, unless it has begun."""

        async def within(session: Session) -> None:
            await lock(session, LogId(self._node, await epochs.present(session), channel), via=None)

        await self._database.write(within)

    async def note_arrival(self, log: LogId, via: str) -> None:
        """Note that all of a log has arrived through ``via``; one without any event begins by that."""

        async def within(session: Session) -> None:
            intake = Intake(session, self._clock.now())
            await intake.lock([log], node=self._node, via=via)
            await session.run(_ARRIVED, **_where(log))

        await self._database.write(within)

    async def go_on_behind(self, log: LogId, floor: Position, via: str) -> int:
        """Have a log go on behind ``floor``; return how many events are missing by that."""

        async def within(session: Session) -> int:
            await Intake(session, self._clock.now()).lock([log], node=self._node, via=via)
            row = await head(session, log)
            missing = floor.seq - (0 if row is None else int(row["seq"]))
            for statement in (_GO_ON_BEHIND, _TRIM) if missing > 0 else ():
                await session.run(statement, **_where(log), **_place(floor))
            return max(0, missing)

        turn = Turn(self._turns, lines_of([log]))
        try:
            await turn.come()
            return await self._database.write(within)
        finally:
            turn.end()

    async def confirm(self, receiver: Mapping[LogId, Position], centre: Mapping[LogId, Position]) -> None:
        """Store what the parent and the centre have confirmed.

        The node's own logs are stored one by one, the others in the order in which `apply` locks them: so this waits
        for no change that waits for this.
        """
        known = in_order(receiver.keys() | centre.keys())
        groups = [[log] for log in known if log.origin == self._node]
        groups.append([log for log in known if log.origin != self._node])

        async def within(session: Session, logs: Sequence[LogId]) -> None:
            for held in logs:
                for statement, positions in ((_CONFIRM, receiver), (_TRIM, centre)):
                    if held in positions:
                        await session.run(statement, **_where(held), **_place(positions[held]))

        for group in filter(None, groups):
            await self._database.write(partial(within, logs=group))

    async def statuses(self) -> Sequence[LogStatus]:
        """Return the state of every log, by origin and channel."""
        return await self._database.read(self._statuses)

    async def _take_in(self, arrivals: Arrivals, lock: Callable[[Intake], Awaitable[None]]) -> Sequence[Applied]:
        async def within(session: Session) -> tuple[list[Applied], list[Recorded]]:
            intake = Intake(session, self._clock.now())
            await lock(intake)
            taken = [await intake.take(arrival) for arrival in arrivals.all]
            await intake.write(arrivals)
            applied = [Applied(verdict=verdict, held=self._to_held(log.row, log.head)) for verdict, log in taken]
            return applied, intake.recorded

        applied, _ = await self._database.write(within, self._tell)
        return applied

    def _tell(self, made: tuple[list[Applied], list[Recorded]]) -> None:
        for listener in self.listeners:
            listener(made[1])

    async def _statuses(self, session: Session) -> list[LogStatus]:
        quarantined = {row["log_id"]: row["n"] for row in await session.rows(_QUARANTINED)}
        return [await self._status(session, row, quarantined.get(row["id"], 0)) for row in await session.rows(_ALL)]

    async def _status(self, session: Session, row: Row, quarantined: int) -> LogStatus:
        held = self._to_held(row)
        here = max(held.receiver.seq, held.centre.seq)
        waiting = await self._waiting_since(session, row, held.centre.seq)
        waits_here = waiting if here == held.centre.seq else await self._waiting_since(session, row, here)
        return LogStatus(
            origin=held.log.origin,
            epoch=held.log.epoch,
            channel=held.log.channel,
            seq=held.head.seq,
            projected=row["projected"],
            parent=held.receiver.seq,
            centre=held.centre.seq,
            waiting_since=waiting,
            quarantined=quarantined,
            via=held.via,
            waits_here_since=waits_here,
        )

    async def _waiting_since(self, session: Session, row: Row, confirmed: int) -> datetime | None:
        """Return the time of the first event behind those confirmed of a log; those of a feed wait for nobody."""
        if row["channel"] not in UP or confirmed >= row["seq"]:
            return None
        oldest = await session.row(_OLDEST_WAITING, log_id=row["id"], at_seq=confirmed + 1)
        return None if oldest is None else wall_time(oldest["hlc"])

    def _to_held(self, row: Row, head: Position | None = None) -> HeldLog:
        head = Position(row["seq"], row["hash"]) if head is None else head
        is_confirmed = self._parent in (None, row["via"])
        return HeldLog(
            log=LogId(row["origin"], row["epoch"], row["channel"]),
            head=head,
            receiver=head if is_confirmed else Position(row["parent_seq"], row["parent_hash"]),
            centre=head if is_confirmed else Position(row["centre_seq"], row["centre_hash"]),
            via=row["via"],
            arrived=row["via"] is None or row["arrived"],
            floor=Position(row["floor_seq"], row["floor_hash"]),
        )

    def _merge_clock(self, batch: Batch) -> None:
        merged = self._hybrid.merge(batch.header.hlc, int(self._clock.now().timestamp() * 1000))
        if merged.clamped:
            _log.warning("clock_ahead", origin=batch.header.log.origin)
            self.clocks_ahead[batch.header.log.origin] = self._clock.now()


def _where(log: LogId) -> dict[str, object]:
    return {"of_origin": log.origin, "of_epoch": log.epoch, "of_channel": log.channel}


def _place(position: Position) -> dict[str, object]:
    return {"last": position.seq, "chained": position.hash}
