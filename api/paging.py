"""Relay connections over keyset cursors: a page is found by the id of the last object seen, never by an offset."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

import strawberry

from api.ids import after_cursor, cursor
from api.refusals import FirstOutOfRange
from domain.shared.views import Page, Window

LONGEST_PAGE = 100
USUAL_PAGE = 50

T = TypeVar("T")

Id = Annotated[strawberry.ID, strawberry.argument(name="id", description="The id of the object.")]
First = Annotated[int, strawberry.argument(description="How many objects at most: 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Only what follows the object of this cursor.")]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = strawberry.field(description="Whether more objects follow.")
    has_previous_page: bool = strawberry.field(description="Whether the page was reached with a cursor.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first object; null in an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last object; ask with it for what follows.")


@strawberry.type(description="An object and its place in the list.")
class Edge(Generic[T]):
    """An object and its place in the list."""

    node: T = strawberry.field(description="The object.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page of a list."""

    edges: list[Edge[T]] = strawberry.field(description="The objects of this page, in the order of the list.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in its list.")


def window(kind: str, first: int, after: str | None) -> Window:
    """Return the part of a list of ``kind`` that is asked for.

    Raises:
        FirstOutOfRange: ``first`` is not 1 to 100.
        CursorMalformed: ``after`` is no cursor of such a list.
    """
    if not 1 <= first <= LONGEST_PAGE:
        raise FirstOutOfRange(path=("first",))
    return Window(limit=first, after=None if after is None else after_cursor(after, kind))


def connection(page: Page[T], asked: Window, local: Callable[[T], str]) -> Connection[T]:
    """Return a page as a connection; ``local`` tells the id by which its list is sorted."""
    edges = [Edge(node=item, cursor=cursor(local(item))) for item in page.items]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.more,
            has_previous_page=asked.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
