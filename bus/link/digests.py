"""Digests between a child and its parent: what the parent answers, and the parent as the child sees it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

import msgspec

from bus.catalogue import owner_of
from bus.link.messages import (
    EXTENTS_MAX,
    Digests,
    DigestWanted,
    Extents,
    ExtentsWanted,
    LogDigestsWanted,
    MessageUnreadable,
    RangeWanted,
    Rows,
    RowsWanted,
    TableDigestsWanted,
    Wanted,
    decode,
    encode,
)
from bus.link.wire import ParentWire, Question, Unreachable
from bus.replication import BatchTooNew, BatchUnreadable, LogId, Record, unpack
from bus.replication.digests import BUCKET, Digest, Span
from bus.replication.ports import HeldLog, Logs
from bus.verification.ports import Cannot, Extent, Holdings, RowDigest, Share, Stretch

M = TypeVar("M", bound=msgspec.Struct)
NOTHING: Final = b""
_RANGE_MAX: Final = 250
_ASKED_AGAIN_AFTER: Final = (0.5, 2.0)

MayHave = Callable[[str, HeldLog], bool]
"""Tells whether a child may have the events of a log."""


class DigestAnswers:
    """What a parent says of what it holds: to each child only of what that one may have.

    Of an audit trail of which it may have a log digests tell it of the others too, so that it knows what it lacks.
    """

    def __init__(self, holdings: Holdings, logs: Logs, may_have: MayHave) -> None:
        """Answer from ``holdings``."""
        self._holdings = holdings
        self._logs = logs
        self._may_have = may_have

    async def answer(self, child: str, data: bytes) -> bytes:
        """Answer a child, or say `NOTHING`.

        Raises:
            MessageUnreadable: that is no question.
        """
        wanted = decode(DigestWanted, data).what
        held = await self._logs.held()
        owners = {owner_of(one.log) for one in held if self._may_have(child, one)}
        allowed = {one.log for one in held if owner_of(one.log) in owners}
        if not _may_ask(wanted, allowed):
            return NOTHING
        try:
            return encode(await self._said(wanted, allowed))
        except LookupError:
            return NOTHING

    async def _said(self, wanted: Wanted, allowed: Collection[LogId]) -> Extents | Digests | Rows:
        holdings = self._holdings
        match wanted:
            case ExtentsWanted(after):
                return Extents(await self._extents(allowed, after))
            case LogDigestsWanted(log, spans):
                return Digests(list(await holdings.log_digests(log, spans)))
            case TableDigestsWanted(share, stretches):
                return Digests(list(await holdings.table_digests(share, stretches)))
            case RowsWanted(share, stretch, limit):
                return Rows(list(await holdings.rows(share, stretch, limit)))

    async def _extents(self, allowed: Collection[LogId], after: LogId | None) -> list[Extent]:
        extents = [extent for extent in await self._holdings.extents() if extent.log in allowed]
        return [extent for extent in extents if after is None or _place(extent.log) > _place(after)][:EXTENTS_MAX]


class ParentHoldings:
    """The parent, as far as it answers."""

    def __init__(self, wire: ParentWire) -> None:
        """Ask over ``wire``."""
        self._wire = wire

    async def extents(self) -> Sequence[Extent]:
        """Return all logs that this node may have of the parent."""
        found: list[Extent] = []
        while True:
            wanted = ExtentsWanted(found[-1].log if found else None)
            more = (await self._ask(wanted, Extents)).extents
            found += more
            if len(more) < EXTENTS_MAX:
                return found

    async def log_digests(self, log: LogId, spans: Sequence[Span]) -> Sequence[Digest]:
        """Return the digest of each span of a log."""
        return _as_many((await self._ask(LogDigestsWanted(log, list(spans)), Digests)).digests, spans)

    async def table_digests(self, share: Share, stretches: Sequence[Stretch]) -> Sequence[Digest]:
        """Return the digest of each stretch of a share."""
        return _as_many((await self._ask(TableDigestsWanted(share, list(stretches)), Digests)).digests, stretches)

    async def rows(self, share: Share, stretch: Stretch, limit: int) -> Sequence[RowDigest]:
        """Return the first rows of a stretch, by key."""
        return (await self._ask(RowsWanted(share, stretch, limit), Rows)).rows

    async def records(self, log: LogId, first: int, limit: int) -> Sequence[Record]:
        """Return events from ``first`` on; none when the parent has none to give, or something else."""
        data = await self._answer(Question.RANGE, encode(RangeWanted(log, first, min(limit, _RANGE_MAX))))
        try:
            header, records = unpack(data)
        except (BatchUnreadable, BatchTooNew):
            return []
        return records[:limit] if (header.log, header.first) == (log, first) else []

    async def _ask(self, wanted: Wanted, kind: type[M]) -> M:
        data = await self._answer(Question.DIGEST, encode(DigestWanted(wanted)))
        try:
            return decode(kind, data)
        except MessageUnreadable:
            raise Cannot("the parent does not answer this") from None

    async def _answer(self, question: Question, data: bytes) -> bytes:
        for pause in (*_ASKED_AGAIN_AFTER, None):
            try:
                return await self._wire.ask(question, data)
            except Unreachable:
                if pause is None:
                    break
                await asyncio.sleep(pause)
        raise Cannot("the parent is out of reach")


def _may_ask(wanted: Wanted, allowed: Collection[LogId]) -> bool:
    """Tell whether a question is about these logs alone, and about their nodes and feeds.

    Raises:
        MessageUnreadable: it asks for too much at once.
    """
    match wanted:
        case LogDigestsWanted(log, spans):
            if any(span.last - span.first >= BUCKET for span in spans):
                raise MessageUnreadable("a span is longer than a bucket")
            return log in allowed
        case TableDigestsWanted(share) | RowsWanted(share):
            return set(share.owners) <= {owner_of(log) for log in allowed}
    return True


def _as_many(digests: Sequence[Digest], parts: Sequence[object]) -> Sequence[Digest]:
    if len(digests) != len(parts):
        raise Cannot("the parent answers something else")
    return digests


def _place(log: LogId) -> tuple[str, int, str]:
    return log.origin, log.epoch, log.channel
