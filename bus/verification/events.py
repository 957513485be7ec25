"""Events in which two nodes differ, or that one of them does not hold as its chain says; and their repair."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from bus.replication.digests import BUCKET, FINER, ChainCheck, Damage, Digest, Span, spans
from bus.replication.log import LogId
from bus.replication.record import Record
from bus.verification.differences import EVENT, LOG, Difference, Fault, Side, name_of
from bus.verification.ports import PAGE_MAX, SPANS_MAX, Cannot, Custody, Extent, Holdings, Source

DIFFERING_MAX: Final = 20_000
"""Events of a log: who differs in more has lost the log, and is not to fill the memory with it."""
_BUCKETS_AT_ONCE: Final = 20
_GAP_MAX: Final = 20_000
"""Events that are put back at once; whether they fit can only be told of all of them together."""
_HEAD: Final = "head"
_FAULTS: Final = {Damage.MISSING: Fault.MISSING, Damage.ALTERED: Fault.ALTERED, Damage.EXTRA: Fault.EXTRA}


async def differing(here: Holdings, there: Holdings, log: LogId, span: Span) -> Mapping[int, tuple[Digest, Digest]]:
    """Return the first `DIFFERING_MAX` events of a span in which two nodes differ: what each holds there, in brief."""
    found: dict[int, tuple[Digest, Digest]] = {}
    async with aclosing(_searched(here, there, log, span, BUCKET)) as searched:
        async for seq, mine, theirs in searched:
            found[seq] = mine, theirs
            if len(found) == DIFFERING_MAX:
                break
    return found


async def _searched(
    here: Holdings, there: Holdings, log: LogId, span: Span, size: int
) -> AsyncGenerator[tuple[int, Digest, Digest], None]:
    """Yield differing events: of spans of this size those that differ are searched in finer ones."""
    cut = spans(span, size)
    at_once = _BUCKETS_AT_ONCE if size == BUCKET else SPANS_MAX
    for start in range(0, len(cut), at_once):
        group = cut[start : start + at_once]
        mine, theirs = await here.log_digests(log, group), await there.log_digests(log, group)
        for part, my_digest, their_digest in zip(group, mine, theirs, strict=True):
            if my_digest == their_digest:
                continue
            if size == 1:
                yield part.first, my_digest, their_digest
            else:
                async for found in _searched(here, there, log, part, FINER[size]):
                    yield found


async def damaged(custody: Custody, extent: Extent) -> Mapping[int, Damage]:
    """Return what this node itself does not hold as the chain of a log says, by number; it ends with too much."""
    found: dict[int, Damage] = {}
    check, first = ChainCheck(extent.floor), extent.floor.seq + 1
    while len(found) < DIFFERING_MAX:
        head, rows = await custody.kept(extent.log, first, PAGE_MAX)
        found |= {one.seq: one.damage for one in check.follow(rows)}
        if len(rows) < PAGE_MAX:
            return found | {one.seq: one.damage for one in check.end(head)}
        first = rows[-1].seq + 1
        await asyncio.sleep(0)
    return found


def named(log: LogId, own: Mapping[int, Damage], between: Mapping[int, tuple[Digest, Digest]]) -> list[Difference]:
    """Return differences, in the order of the log: what is wrong in this node, and what is not alike at both."""
    of, found = name_of(log), []
    for seq in sorted({*own, *between}):
        if own.get(seq) is Damage.HEAD:
            found.append(Difference(table=LOG, of=of, row=_HEAD, fault=Fault.ALTERED, side=Side.HERE))
            continue
        if seq in own:
            fault, side = _FAULTS[own[seq]], Side.HERE
        else:
            fault, side = _unlike(*between[seq])
        found.append(Difference(table=EVENT, of=of, row=str(seq), fault=fault, side=side))
    return found


def _unlike(mine: Digest, theirs: Digest) -> tuple[Fault, Side]:
    if not mine.count:
        return Fault.MISSING, Side.HERE
    return (Fault.DIFFERENT, Side.EITHER) if theirs.count else (Fault.MISSING, Side.THERE)


async def repaired(
    custody: Custody, source: Source, extent: Extent, differences: Sequence[Difference]
) -> list[Difference]:
    """Put right what is wrong here: the head by the events, events by those of another node that fit exactly."""
    log, mended = extent.log, set()
    if any(one.table == LOG or one.fault is Fault.EXTRA for one in differences) and await custody.mend_head(log):
        mended = {one.row for one in differences if one.table == LOG or one.fault is Fault.EXTRA}
    here = (one for one in differences if one.side is not Side.THERE and one.row not in mended)
    places = {one.row: extent.head.seq if one.row == _HEAD else int(one.row) for one in here}
    for gap in _gaps(places.values()):
        if await _filled(custody, source, log, gap):
            mended |= {row for row, seq in places.items() if gap.first <= seq <= gap.last}
    return [replace(one, repaired=one.row in mended) for one in differences]


def _gaps(seqs: Iterable[int]) -> list[Span]:
    gaps: list[Span] = []
    for seq in sorted(seqs):
        if gaps and seq <= gaps[-1].last + 1:
            gaps[-1] = Span(gaps[-1].first, seq)
        else:
            gaps.append(Span(seq, seq))
    return gaps


async def _filled(custody: Custody, source: Source, log: LogId, gap: Span) -> bool:
    """Fill a gap; if what is there does not fit, the event behind it may be one of those that are wrong."""
    for last in (gap.last, gap.last + 1):
        records = await _fetched(source, log, Span(gap.first, last))
        if records is not None and await custody.mend(log, gap.first, records):
            return True
    return False


async def _fetched(source: Source, log: LogId, gap: Span) -> list[Record] | None:
    wanted, records = gap.last - gap.first + 1, list[Record]()
    if wanted > _GAP_MAX:
        return None
    while len(records) < wanted:
        try:
            more = await source.records(log, gap.first + len(records), wanted - len(records))
        except Cannot:
            return None
        if not more:
            return None
        records += more
    return records
