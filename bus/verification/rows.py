"""Rows of the tables in which two nodes differ."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final, NamedTuple

from bus.replication.digests import digest
from bus.verification.ports import PAGE_MAX, Holdings, RowDigest, Share, Stretch

_PAGES_AT_ONCE: Final = 10


class Unlike(NamedTuple):
    """A row in brief, as each node holds it; None where it has none."""

    mine: RowDigest | None
    theirs: RowDigest | None

    @property
    def owner(self) -> str:
        """Whose row it is."""
        row = self.mine or self.theirs
        return "" if row is None else row.owner


class _Page(NamedTuple):
    stretch: Stretch
    rows: Sequence[RowDigest]


async def unlike(here: Holdings, there: Holdings, share: Share, *, most: int) -> tuple[Mapping[str, Unlike], int]:
    """Return the rows of a share in which two nodes differ, by key, and how many rows were compared here.

    From ``most`` on no more are searched for.
    """
    found: dict[str, Unlike] = {}
    count = 0
    async for pages in _groups(here, share):
        theirs = await there.table_digests(share, [page.stretch for page in pages])
        for page, their_digest in zip(pages, theirs, strict=True):
            count += len(page.rows)
            if digest(row.head for row in page.rows) != their_digest:
                found |= await _compared(page, there, share, most)
        if len(found) >= most:
            break
    return found, count


async def _groups(here: Holdings, share: Share) -> AsyncIterator[list[_Page]]:
    """Yield all rows here in groups of pages; the stretches of all pages together leave nothing out."""
    group, after = list[_Page](), ""
    while True:
        rows = await here.rows(share, Stretch(after), PAGE_MAX)
        is_last = len(rows) < PAGE_MAX
        until = "" if is_last else rows[-1].key
        group.append(_Page(Stretch(after, until), rows))
        if is_last or len(group) == _PAGES_AT_ONCE:
            yield group
            group = []
        if is_last:
            return
        after = until
        await asyncio.sleep(0)


async def _compared(page: _Page, there: Holdings, share: Share, most: int) -> dict[str, Unlike]:
    mine, theirs = {row.key: row for row in page.rows}, dict[str, RowDigest]()
    async for row in _all(there, share, page.stretch):
        theirs[row.key] = row
        if len(theirs) >= most:
            break
    return {
        key: Unlike(mine.get(key), theirs.get(key))
        for key in sorted(mine.keys() | theirs.keys())
        if mine.get(key) != theirs.get(key)
    }


async def _all(there: Holdings, share: Share, stretch: Stretch) -> AsyncIterator[RowDigest]:
    while True:
        rows = await there.rows(share, stretch, PAGE_MAX)
        for row in rows:
            yield row
        if len(rows) < PAGE_MAX:
            return
        stretch = Stretch(rows[-1].key, stretch.until)
