"""Visits: looked at, at every node; closed and accounted for at their site."""

from typing import Annotated
from uuid import UUID

import strawberry

from api import entities
from api.context import Info
from api.fields import ask, look
from api.ids import local_id
from api.mutations import Input, idempotency_key
from api.objects.visits import Visit
from api.paging import USUAL_PAGE, After, Connection, First, Id
from api.problems import AnyProblem
from api.rules import ANALYST, OFFICER, open_to
from domain.visits import model
from domain.visits.commands import AccountForAnomaly, CloseVisit
from domain.visits.model import VisitState

LOOK = open_to(OFFICER, ANALYST, personal=True)
WRITE = open_to(OFFICER, personal=True)


@strawberry.type
class VisitsQuery:
    """What can be looked up."""

    @look(Visit | None, LOOK, "One visit, or null.")
    async def visit(self, info: Info, id_: Id) -> model.Visit | None:
        return await entities.one(info, model.Visit, "Visit", id_)

    @look(Connection[Visit], LOOK, "Visits, the newest on record first.")
    async def visits(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        node: Annotated[str | None, strawberry.argument(description="Only of the site of this code.")] = None,
        state: Annotated[
            VisitState | None, strawberry.argument(description="Only those so far: `OPEN` is at the terminal now.")
        ] = None,
        checkpoint: Annotated[str | None, strawberry.argument(description="Only those seen last at this one.")] = None,
        overdue: Annotated[bool | None, strawberry.argument(description="Only those that are overdue, or not.")] = None,
    ) -> Connection[model.Visit]:
        wanted = {"node": node, "state": state, "checkpoint": checkpoint, "overdue": overdue}
        return await entities.listed(info, model.Visit, "Visit", first, after, **wanted)


@strawberry.input(description="Which visit is over, and why.")
class VisitCloseInput:
    """Which visit is over."""

    idempotency_key: UUID = idempotency_key()
    visit_id: strawberry.ID = strawberry.field(description="The visit.")
    reason: str = strawberry.field(description="Why it is closed, up to 4000 characters.")


@strawberry.input(description="The reason of an anomaly.")
class VisitAnomalyAccountInput:
    """The reason of an anomaly."""

    idempotency_key: UUID = idempotency_key()
    visit_id: strawberry.ID = strawberry.field(description="The visit.")
    key: str = strawberry.field(description="Which of its anomalies.")
    reason: str = strawberry.field(description="The reason, up to 4000 characters.")


@strawberry.type(description="It is on record.")
class VisitSuccess:
    """It is on record."""

    visit: model.Visit = strawberry.field(graphql_type=Visit, description="As it stands now.")


VisitResult = Annotated[
    VisitSuccess | AnyProblem, strawberry.union("VisitResult", description="The visit, or why not.")
]


@strawberry.type
class VisitsMutation:
    """What can be asked."""

    @ask(VisitResult, WRITE, "Close a visit of which no more is to be seen.")
    async def visit_close(self, info: Info, wish: Input[VisitCloseInput]) -> VisitSuccess:
        command = CloseVisit(visit_id=local_id(wish.visit_id, "Visit", "visitId"), reason=wish.reason)
        return VisitSuccess(visit=await info.context.dispatch(command, wish.idempotency_key))

    @ask(VisitResult, WRITE, "Say what the reason of an anomaly is.")
    async def visit_anomaly_account(self, info: Info, wish: Input[VisitAnomalyAccountInput]) -> VisitSuccess:
        command = AccountForAnomaly(
            visit_id=local_id(wish.visit_id, "Visit", "visitId"), key=wish.key, reason=wish.reason
        )
        return VisitSuccess(visit=await info.context.dispatch(command, wish.idempotency_key))
