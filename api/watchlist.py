"""Looking at watchlist entries, at every node."""

from typing import Annotated

import strawberry

from api.context import Info
from api.fields import look
from api.ids import local_id
from api.objects.watchlist import WatchlistEntry
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.rules import ANALYST, open_to
from domain.watchlist import model
from domain.watchlist.model import EntryState

LOOK = open_to(ANALYST, personal=True)


@strawberry.type
class WatchlistQuery:
    """What can be looked up."""

    @look(WatchlistEntry | None, LOOK, "One watchlist entry, or null.")
    async def watchlist_entry(self, info: Info, id_: Id) -> model.Entry | None:
        return await info.context.doors.views.entry(local_id(id_, "WatchlistEntry"))

    @look(Connection[WatchlistEntry], LOOK, "Watchlist entries, newest first.")
    async def watchlist_entries(
        self,
        info: Info,
        first: First = USUAL_PAGE,
        after: After = None,
        state: Annotated[EntryState | None, strawberry.argument(description="Only in this state.")] = None,
    ) -> Connection[model.Entry]:
        asked = window("WatchlistEntry", first, after)
        page = await info.context.doors.views.entries(asked, state=state)
        return connection(page, asked, lambda each: each.id)
