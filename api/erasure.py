"""Erasing data at the centre, for all nodes; looking at what was erased, at every node."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Info
from api.fields import ask, look
from api.ids import parted
from api.mutations import Input, idempotency_key
from api.objects.erasure import Erasure
from api.paging import USUAL_PAGE, After, Connection, First, connection, window
from api.problems import AnyProblem
from api.refusals import IdMalformed
from api.rules import ADMINISTRATOR, AUDITOR, open_to
from domain.erasure import model
from domain.erasure.commands import Erase

ERASE = open_to(ADMINISTRATOR, personal=True)
_KINDS = frozenset({"Registration", "Alarm", "WatchlistEntry", "QuarantinedEvent"})


@strawberry.input(description="What is erased at every node, for good, and why.")
class EraseInput:
    """What is erased, and why."""

    idempotency_key: UUID = idempotency_key()
    ids: list[strawberry.ID] = strawberry.field(
        description="1 to 100 of registrations, with their readings and alarms; alarms; watchlist entries that are not"
        " sought any more; or events in quarantine, with all that is about the same object."
    )
    reason: str = strawberry.field(description="Why; nothing of what is erased belongs in here.")
    legal_basis: str = strawberry.field(description="The provision that demands or allows it.")


@strawberry.type(description="What was erased.")
class EraseSuccess:
    """What was erased."""

    erasures: Sequence[model.Erasure] = strawberry.field(
        graphql_type=list[Erasure], description="One of each scope whose nodes held something."
    )


EraseResult = Annotated[
    EraseSuccess | AnyProblem, strawberry.union("EraseResult", description="What was erased, or why not.")
]


@strawberry.type
class ErasureQuery:
    """What can be looked up."""

    @look(Connection[Erasure], open_to(ADMINISTRATOR, AUDITOR), "Erasures that this node knows of, newest first.")
    async def erasures(self, info: Info, first: First = USUAL_PAGE, after: After = None) -> Connection[model.Erasure]:
        asked = window("Erasure", first, after)
        page = await info.context.doors.views.erasures(asked)
        return connection(page, asked, lambda each: each.id)


@strawberry.type
class ErasureMutation:
    """What can be asked."""

    @ask(EraseResult, ERASE, "Erase all that is on record about some objects, at every node. It cannot be undone.")
    async def erase(self, info: Info, wish: Input[EraseInput]) -> EraseSuccess:
        ids = tuple(_erasable(one, number) for number, one in enumerate(wish.ids))
        command = Erase(ids=ids, reason=wish.reason, legal_basis=wish.legal_basis)
        return EraseSuccess(erasures=await info.context.dispatch(command, wish.idempotency_key))


def _erasable(given: str, number: int) -> str:
    try:
        kind, local = parted(given)
    except IdMalformed:
        kind, local = "", ""
    if kind not in _KINDS:
        raise IdMalformed(path=("ids", str(number)))
    return local
