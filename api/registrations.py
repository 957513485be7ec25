"""Looking at registrations, at every node."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from api.context import Info
from api.fields import follow, look
from api.ids import local_id
from api.live import watched
from api.objects.registrations import Registration
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.rules import ANALYST, OFFICER, open_to
from domain.identifiers.identifier import canonical
from domain.registrations import model
from domain.registrations.events import Registered
from domain.registrations.model import ObjectKind

LOOK = open_to(OFFICER, ANALYST, personal=True)


@strawberry.type
class RegistrationsQuery:
    """What can be looked up."""

    @look(Registration | None, LOOK, "One registration, or null.")
    async def registration(self, info: Info, id_: Id) -> model.Registration | None:
        return await info.context.doors.views.registration(local_id(id_, "Registration"))

    @look(Connection[Registration], LOOK, "Registrations, newest first.")
    async def registrations(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        label: Annotated[str | None, strawberry.argument(description="Only with this identifier.")] = None,
        kind: Annotated[ObjectKind | None, strawberry.argument(description="Only of this kind.")] = None,
    ) -> Connection[model.Registration]:
        asked = window("Registration", first, after)
        sought = None if label is None else canonical(label)
        page = await info.context.doors.views.registrations(asked, node=node, label=sought, kind=kind)
        return connection(page, asked, lambda each: each.id)


@strawberry.type(description="An object was put on record.")
class RegistrationPayload:
    """What subscribers to registrations are told."""

    registration: model.Registration = strawberry.field(
        graphql_type=Registration, description="What was put on record."
    )


@strawberry.type
class RegistrationsSubscription:
    """What can be followed."""

    @follow(LOOK, "Registrations as they become known to this node.")
    async def registrations(self, info: Info) -> AsyncGenerator[RegistrationPayload, None]:
        async with aclosing(watched(info.context, "Registered")) as events:
            async for recorded in events:
                if isinstance(recorded.event, Registered):
                    yield RegistrationPayload(registration=recorded.event.registration)
