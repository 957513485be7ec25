"""Sheets: the texts by which a site's registrations are searched, those of two hundred in one row, by kind.

To read a million short texts row by row takes ten times as long as to read them in five thousand long ones. A sheet has
all registrations from one id to before another, and each begins where the one before it ends. It only says where to
look: whatever is put in, changed or deleted within its range tears it (triggers), so that nothing is overlooked and
nothing erased stays; a torn sheet has no texts, and its range is looked through, until it is written anew. The newest
registrations, which change most, are on no sheet.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import structlog
from sqlalchemy import Select, bindparam, insert, or_, select, update

from adapters.database.elements import HoldsPart
from adapters.database.session import Database, Row, Session
from adapters.database.tables.registrations import registration, searched_in, sheet
from domain.registrations.model import ObjectKind

ON_A_SHEET: Final = 200
ON_NONE: Final = 5_000
"""Newest registrations."""

WRITE_SECONDS: Final = 60.0
_AT_ONCE: Final = 50
_BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"
_ID: Final = registration.c.id
_NEWEST: Final = select(sheet.c.ends).order_by(sheet.c.begins.desc()).limit(1)
_TORN: Final = select(sheet.c.begins, sheet.c.ends).where(sheet.c.is_torn).limit(1)
_HORIZON: Final = select(_ID).order_by(_ID.desc()).offset(bindparam("newest")).limit(1)
_ROWS: Final = (
    select(_ID, registration.c.kind, searched_in(registration.c).label("text"))
    .where(bindparam("least") <= _ID, bindparam("before") > _ID)
    .order_by(_ID)
    .limit(bindparam("most"))
)
_KINDS: Final = [kind.value for kind in ObjectKind]
_ADD: Final = insert(sheet).values({column.name: bindparam(column.name) for column in sheet.columns})
_FILL: Final = (
    update(sheet)
    .where(sheet.c.begins == bindparam("of"))
    .values({name: bindparam(name) for name in ("ends", "is_torn", *_KINDS)})
)
_log = structlog.get_logger(__name__)


def _holding(kinds: Sequence[str]) -> Select[Any]:
    held = or_(sheet.c.is_torn, *(HoldsPart(sheet.c[kind], bindparam("part")) for kind in kinds))
    within = (bindparam("before") > sheet.c.begins, bindparam("least") < sheet.c.ends)
    return select(sheet.c.begins, sheet.c.ends).where(*within, held).order_by(sheet.c.begins.desc()).limit(_AT_ONCE)


_HOLDING: Final[Mapping[str | None, Select[Any]]] = {
    None: _holding(_KINDS),
    **{kind: _holding([kind]) for kind in _KINDS},
}


async def keep(database: Database) -> None:
    """Write what is missing every minute, until cancelled; what goes wrong is tried again the next time."""
    while True:
        try:
            while await database.write(write_one):
                pass
        except Exception:  # noqa: BLE001 - logged; the next minute will do
            _log.exception("sheets_not_written")
        await asyncio.sleep(WRITE_SECONDS)


async def write_one(session: Session) -> bool:
    """Write one sheet that is torn or missing; tell whether there was one."""
    torn = await session.row(_TORN)
    if torn is not None:
        await _write_anew(session, torn["begins"], torn["ends"])
        return True
    begins, horizon = await end(session), await session.row(_HORIZON, newest=ON_NONE)
    rows = [] if horizon is None else await _rows(session, begins, horizon["id"], ON_A_SHEET + 1)
    if len(rows) <= ON_A_SHEET:
        return False
    await session.run(_ADD, begins=begins, ends=rows[-1]["id"], is_torn=False, **_texts(rows[:-1]))
    return True


async def end(session: Session) -> str:
    """Return the id before which all registrations are on sheets."""
    row = await session.row(_NEWEST)
    return _BEFORE_ALL if row is None else row["ends"]


async def holding(
    session: Session, part: str, kind: str | None, least: str, before: str
) -> AsyncIterator[tuple[str, str]]:
    """Yield where the part may be found from one id to before another, the newest first; None is any kind."""
    while True:
        rows = await session.rows(_HOLDING[kind], part=part, least=least, before=before)
        for row in rows:
            yield max(row["begins"], least), min(row["ends"], before)
        if len(rows) < _AT_ONCE:
            return
        before = rows[-1]["begins"]


async def _write_anew(session: Session, begins: str, ends: str) -> None:
    """Write a torn sheet; of one that has become long the newer end becomes another one, which is torn."""
    rows = await _rows(session, begins, ends, 2 * ON_A_SHEET)
    if len(rows) == 2 * ON_A_SHEET:
        middle = rows[ON_A_SHEET]["id"]
        await session.run(_ADD, begins=middle, ends=ends, is_torn=True, **_texts([]))
        rows, ends = rows[:ON_A_SHEET], middle
    await session.run(_FILL, of=begins, ends=ends, is_torn=False, **_texts(rows))


async def _rows(session: Session, least: str, before: str, most: int) -> Sequence[Row]:
    return await session.rows(_ROWS, least=least, before=before, most=most)


def _texts(rows: Sequence[Row]) -> Mapping[str, str]:
    texts: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for row in rows:
        texts[row["kind"]].append(row["text"])
    return {kind: "\n".join(of) for kind, of in texts.items()}
