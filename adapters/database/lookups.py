"""Looking registrations up among many millions: the history of an object, and searching by a part.

Which way is quick depends on how common the part is, which no statistics tell. So the newest rows are walked first:
what is common fills a page there, and what is half as common does when the walk goes on. Only then parts are looked
for by index, month by month, or by sheets: what is left is rare, so each month has few of them, and the search ends
with the month that fills the page.
"""

from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select

from adapters.database import sheets
from adapters.database.elements import HoldsFormerObject, HoldsObject, HoldsPart, HoldsWord
from adapters.database.partitions import Month
from adapters.database.session import Row, Session
from adapters.database.stores.registrations import to_registration
from adapters.database.tables.registrations import SEARCHED, registration, searched_in
from adapters.database.types import Id
from domain.registrations.lookups import Search
from domain.registrations.model import Registration
from domain.shared.ids import first_id, time_of
from domain.shared.views import Page, Window

WALKED: Final = 5_000
"""Newest rows that are read through before an index is asked; a fifth of it at one node, whose rows lie apart."""

_FURTHER_ON: Final = 6
"""Times as many are walked further on when the page is likely to be full by then."""

_AT_A_NODE: Final = 5
_MONTHS: Final = 36
"""Looked at one by one; what is older, or of a wrong clock, comes at one go."""

_BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"
_AFTER_ALL: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_ID: Final = registration.c.id
_FILTERS: Final = ("node", "kind", "lane", "direction")
_PART: Any = bindparam("part")
_WITHIN: Final = and_(bindparam("least", type_=Id) <= _ID, bindparam("end", type_=Id) > _ID)
_KIND: Any = bindparam("of_kind")
_CANONICAL: Any = bindparam("canonical")
HOLDS_OBJECT: Final = or_(
    HoldsObject(registration.c.identifiers, _KIND, _CANONICAL),
    HoldsFormerObject(registration.c.corrections, _KIND, _CANONICAL),
)
"""Whether a registration has the identifier ``canonical`` of the kind ``of_kind``, or had it until a correction."""

_OF_OBJECT: Final = and_(bindparam("end", type_=Id) > _ID, HOLDS_OBJECT)


_BY_LABEL: Final = (
    select(registration)
    .where(registration.c.label == bindparam("canonical"), _OF_OBJECT)
    .order_by(_ID.desc())
    .limit(bindparam("most"))
)
_FURTHER: Final = (
    select(_ID)
    .where(registration.c.further.is_not(None), HoldsWord(registration.c.further, _CANONICAL), _OF_OBJECT)
    .cte("these")
    .prefix_with("MATERIALIZED")
)
_OLDEST = select(_ID).where(bindparam("least", type_=Id) <= _ID).order_by(_ID).limit(1)


async def history(session: Session, window: Window, kind: str, canonical: str) -> Page[Registration]:
    """Return the registrations that have this identifier, newest first."""
    sought = {"end": window.after or _AFTER_ALL, "of_kind": kind, "canonical": canonical, "most": window.limit + 1}
    rows = [
        *await session.rows(_BY_LABEL, **sought),
        *await session.rows(_BY_FURTHER, **sought),
    ]
    once = {str(row["id"]): row for row in rows}
    return _page([once[key] for key in sorted(once, reverse=True)], window)


async def found(session: Session, window: Window, search: Search) -> Page[Registration]:
    """Return the registrations that are searched for, newest first."""
    await session.plan_by_values()
    wanted = {name: getattr(search, name) for name in _FILTERS if getattr(search, name) is not None}
    least = _BEFORE_ALL if search.since is None else first_id(search.since)
    end = min(_AFTER_ALL if search.until is None else first_id(search.until), window.after or _AFTER_ALL)
    filters, most = tuple(wanted), window.limit + 1
    sought = {"part": search.part, "least": least, **wanted}
    rows: list[Row] = []
    walked = max(1, WALKED // (_AT_A_NODE if search.node else 1))
    for many in (walked, _FURTHER_ON * walked):
        rows += await session.rows(_walk(filters), end=end, walked=many, most=most - len(rows), **sought)
        last = await session.row(_last_walked(filters), end=end, walked=many - 1, **sought)
        if len(rows) == most or last is None:
            return _page(rows, window)
        end = str(last["id"])
        if len(rows) * (1 + _FURTHER_ON) < most:
            break
    async for first, until in _stretches(session, search, least, end):
        rows += await session.rows(_stretch(filters), most=most - len(rows), **{**sought, "least": first, "end": until})
        if len(rows) == most:
            break
    return _page(rows, window)


async def _stretches(session: Session, search: Search, least: str, end: str) -> AsyncIterator[tuple[str, str]]:
    """Yield the ranges of ids in which the part may be, the newest first."""
    if session.finds_parts:
        for stretch in await _months(session, least, end):
            yield stretch
        return
    listed = await sheets.end(session)
    if listed < end:
        yield max(listed, least), end
    async for stretch in sheets.holding(session, search.part, search.kind, least, end):
        yield stretch


async def _months(session: Session, least: str, end: str) -> Sequence[tuple[str, str]]:
    oldest = await session.row(_OLDEST, least=least)
    since = str(oldest["id"]) if oldest else least
    bounds = [end, *(month.first_id for month in _months_back(end) if since < month.first_id < end), least]
    return list(zip(bounds[1:], bounds, strict=False))


def _months_back(id_: str) -> Sequence[Month]:
    month = Month.of(time_of(id_))
    return [month.plus(-each) for each in range(_MONTHS)]


def _holding(filters: tuple[str, ...], columns: Any) -> ColumnElement[bool]:
    narrowed = (columns[name] == bindparam(name) for name in filters)
    return and_(HoldsPart(searched_in(columns), _PART), *narrowed)


def _walked(filters: tuple[str, ...], *columns: Any) -> Select[Any]:
    """Return the query for the newest rows, those of one node by the index of its rows."""
    of_node = [registration.c.node == bindparam("node")] if "node" in filters else []
    return select(_ID, *columns).where(_WITHIN, *of_node).order_by(_ID.desc())


@lru_cache(maxsize=1 << len(_FILTERS))
def _last_walked(filters: tuple[str, ...]) -> Select[Any]:
    return _walked(filters).offset(bindparam("walked")).limit(1)


@lru_cache(maxsize=1 << len(_FILTERS))
def _walk(filters: tuple[str, ...]) -> Select[Any]:
    """Return the query for those among the newest rows: never by the index of parts."""
    looked_at = (*SEARCHED, *(registration.c[name] for name in filters))
    recent = _walked(filters, *looked_at).limit(bindparam("walked")).subquery("recent")
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
