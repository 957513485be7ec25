"""Looking up objects: where one has been seen before, and searching by a part; at every node."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.context import Info
from api.fields import look
from api.objects import lookups as objects
from api.objects.lookups import Card, Coverage
from api.objects.registrations import Registration
from api.paging import USUAL_PAGE, After, Connection, First, connection, window
from api.rules import ANALYST, OFFICER, open_to
from api.times import optional_utc
from bus import lookups
from domain.identifiers.kinds import NAMES, parse
from domain.registrations import model
from domain.registrations.lookups import PART_MAX, PART_MIN, Search, part_of
from domain.registrations.model import ObjectKind
from domain.shared.views import Page, Window

LOOK = open_to(OFFICER, ANALYST, personal=True)
_KINDS = f"One of {', '.join(f'`{name}`' for name in NAMES)}."
_PART = f"Of an identifier or a name, {PART_MIN} to {PART_MAX} letters and digits in any spelling."


@strawberry.type(description="Registrations that were looked up, and whose they can be.")
class FoundRegistrations:
    """What was looked up."""

    registrations: Connection[model.Registration] = strawberry.field(
        graphql_type=Connection[Registration], description="The newest on record first."
    )
    coverage: Coverage = strawberry.field(description="Whose registrations were looked at.")


@strawberry.type
class LookupsQuery:
    """What can be looked up."""

    @look(FoundRegistrations, LOOK, "Where and when an object was seen before: all registrations with an identifier.")
    async def object_history(
        self,
        info: Info,
        *,
        kind: Annotated[str, strawberry.argument(description=_KINDS)],
        value: Annotated[str, strawberry.argument(description="The identifier in any spelling.")],
        first: First = USUAL_PAGE,
        after: After = None,
    ) -> FoundRegistrations:
        asked, sought = window("Registration", first, after), parse(kind, value)
        return _found(info, asked, await info.context.doors.views.history(asked, sought.kind, sought.canonical))

    @look(Card, LOOK, "An object at a glance: registrations, companions, alarms, matches, occurrences.")
    async def card(
        self,
        info: Info,
        *,
        kind: Annotated[str, strawberry.argument(description=_KINDS)],
        value: Annotated[str, strawberry.argument(description="The identifier in any spelling.")],
    ) -> lookups.Card:
        doors, sought = info.context.doors, parse(kind, value)
        return await doors.views.card(sought.kind, sought.canonical, doors.clock.now())

    @look(FoundRegistrations, LOOK, "Registrations in which a part of an identifier or of a name is found.")
    async def registration_search(
        self,
        info: Info,
        *,
        part: Annotated[str, strawberry.argument(description=_PART)],
        kind: Annotated[ObjectKind | None, strawberry.argument(description="Only of this kind.")] = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        lane: Annotated[str | None, strawberry.argument(description="Only of the lane of this code.")] = None,
        direction: Annotated[str | None, strawberry.argument(description="`inbound` or `outbound`.")] = None,
        since: Annotated[datetime | None, strawberry.argument(description="Put on record then or later.")] = None,
        until: Annotated[datetime | None, strawberry.argument(description="Put on record before.")] = None,
        first: First = USUAL_PAGE,
        after: After = None,
    ) -> FoundRegistrations:
        asked = window("Registration", first, after)
        search = Search(
            part=part_of(part),
            kind=kind,
            node=node,
            lane=lane,
            direction=direction,
            since=optional_utc(since, "since"),
            until=optional_utc(until, "until"),
        )
        return _found(info, asked, await info.context.doors.views.found(asked, search))


def _found(info: Info, asked: Window, page: Page[model.Registration]) -> FoundRegistrations:
    return FoundRegistrations(
        registrations=connection(page, asked, lambda each: each.id), coverage=objects.coverage(info)
    )
