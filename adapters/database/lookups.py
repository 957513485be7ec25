"""Looking registrations up among many millions: the history of an object, and searching by a part.

Which way is quick depends on how common the part is, which no statistics tell. So the newest rows are walked first:
what is common fills a page there. Only then parts are looked for by index, month by month: what is left is rare, so
each month has few of them, and the search ends with the month that fills the page.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select

from adapters.database.elements import HoldsObject, HoldsPart
from adapters.database.partitions import Month
from adapters.database.session import Row, Session
from adapters.database.stores.registrations import to_registration
from adapters.database.tables.registrations import SEARCHED, registration
from adapters.database.types import Id
from domain.registrations.lookups import Search
from domain.registrations.model import Registration
from domain.shared.ids import first_id, time_of
from domain.shared.views import Page, Window

WALKED: Final = 5_000
"""Newest rows that are read through before an index is asked."""

_MONTHS: Final = 36
"""Looked at one by one; what is older, or of a wrong clock, comes at one go."""

_BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"
_AFTER_ALL: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_ID: Final = registration.c.id
_FILTERS: Final = ("node", "kind", "lane", "direction")
_PART: Any = bindparam("part")
_WITHIN: Final = and_(bindparam("least", type_=Id) <= _ID, bindparam("end", type_=Id) > _ID)
_OF_OBJECT: Final = and_(
    bindparam("end", type_=Id) > _ID,
    HoldsObject(registration.c.identifiers, bindparam("of_kind"), bindparam("canonical")),
)


_BY_LABEL: Final = (
    select(registration)
    .where(registration.c.label == bindparam("canonical"), _OF_OBJECT)
    .order_by(_ID.desc())
    .limit(bindparam("most"))
)
_SPACED: Final = HoldsPart(registration.c.further, bindparam("spaced"))
_FURTHER: Final = (
    select(_ID).where(registration.c.further.is_not(None), _SPACED, _OF_OBJECT).cte("these").prefix_with("MATERIALIZED")
)
_LAST_WALKED = select(_ID).where(_WITHIN).order_by(_ID.desc()).offset(bindparam("walked")).limit(1)
_OLDEST = select(_ID).where(bindparam("least", type_=Id) <= _ID).order_by(_ID).limit(1)


async def history(session: Session, window: Window, kind: str, canonical: str) -> Page[Registration]:
    """Return the registrations that have this identifier, newest first."""
    sought = {"end": window.after or _AFTER_ALL, "of_kind": kind, "canonical": canonical, "most": window.limit + 1}
    rows = [
        *await session.rows(_BY_LABEL, **sought),
        *await session.rows(_BY_FURTHER, spaced=f" {canonical} ", **sought),
    ]
    once = {str(row["id"]): row for row in rows}
    return _page([once[key] for key in sorted(once, reverse=True)], window)


async def found(session: Session, window: Window, search: Search) -> Page[Registration]:
    """Return the registrations that are searched for, newest first."""
    wanted = {name: getattr(search, name) for name in _FILTERS if getattr(search, name) is not None}
    least = _BEFORE_ALL if search.since is None else first_id(search.since)
    end = min(_AFTER_ALL if search.until is None else first_id(search.until), window.after or _AFTER_ALL)
    filters, most = tuple(wanted), window.limit + 1
    sought = {"part": search.part, **wanted}
    rows = list(await session.rows(_walk(filters), least=least, end=end, walked=WALKED, most=most, **sought))
    for first, last in await _stretches(session, least, end):
        if len(rows) == most:
            break
        room = most - len(rows)
        rows += await session.rows(_stretch(filters), least=first, end=last, most=room, **sought)
    return _page(rows, window)


async def _stretches(session: Session, least: str, end: str) -> Sequence[tuple[str, str]]:
    """Return the ranges of ids behind those that are walked, the newest first."""
    walked = await session.row(_LAST_WALKED, least=least, end=end, walked=WALKED - 1)
    if walked is None:
        return []
    last, oldest = str(walked["id"]), await session.row(_OLDEST, least=least)
    since = str(oldest["id"]) if oldest else least
    bounds = [last, *(month.first_id for month in _months_back(last) if since < month.first_id < last), least]
    return list(zip(bounds[1:], bounds, strict=False))


def _months_back(id_: str) -> Sequence[Month]:
    month = Month.of(time_of(id_))
    return [month.plus(-each) for each in range(_MONTHS)]


def _holding(filters: tuple[str, ...], columns: Any) -> ColumnElement[bool]:
    narrowed = (columns[name] == bindparam(name) for name in filters)
    return and_(or_(*(HoldsPart(columns[each.name], _PART) for each in SEARCHED)), *narrowed)


@lru_cache(maxsize=1 << len(_FILTERS))
def _walk(filters: tuple[str, ...]) -> Select[Any]:
    """Return the query for those among the newest rows: never by the index of parts."""
    looked_at = (_ID, *SEARCHED, *(registration.c[name] for name in filters))
    recent = select(*looked_at).where(_WITHIN).order_by(_ID.desc()).limit(bindparam("walked")).cte("recent")
    recent = recent.prefix_with("MATERIALIZED")
    return _whole(select(recent.c.id).where(_holding(filters, recent.c)).order_by(recent.c.id.desc()))


@lru_cache(maxsize=1 << len(_FILTERS))
def _stretch(filters: tuple[str, ...]) -> Select[Any]:
    """Return the query for those in a range: first all of them, which nothing but an index of parts is good for."""
    these = select(_ID).where(_WITHIN, _holding(filters, registration.c)).cte("these").prefix_with("MATERIALIZED")
    return _whole(select(these.c.id).order_by(these.c.id.desc()))


def _whole(ids: Select[Any]) -> Select[Any]:
    wanted = ids.limit(bindparam("most")).subquery()
    return select(registration).where(_ID.in_(select(wanted.c.id))).order_by(_ID.desc())


_BY_FURTHER: Final = _whole(select(_FURTHER.c.id).order_by(_FURTHER.c.id.desc()))


def _page(rows: Sequence[Row], window: Window) -> Page[Registration]:
    return Page(items=[to_registration(row) for row in rows[: window.limit]], more=len(rows) > window.limit)
