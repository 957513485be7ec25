"""Looking at the audit trail, at every node."""

from typing import Annotated

import strawberry

from api.context import Info
from api.fields import look
from api.objects.access import AuditRecord
from api.paging import USUAL_PAGE, After, Connection, First, connection, window
from api.rules import ADMINISTRATOR, AUDITOR, open_to
from domain.access import model


@strawberry.type
class AccessQuery:
    """What can be looked up."""

    @look(Connection[AuditRecord], open_to(ADMINISTRATOR, AUDITOR, personal=True), "Audit records, newest first.")
    async def audit_records(
        self,
        info: Info,
        first: First = USUAL_PAGE,
        after: After = None,
        who: Annotated[str | None, strawberry.argument(description="Only of this person.")] = None,
        target: Annotated[str | None, strawberry.argument(description="Only about this object.")] = None,
    ) -> Connection[model.AuditRecord]:
        asked = window("AuditRecord", first, after)
        page = await info.context.doors.views.audit_records(asked, who=who, target=target)
        return connection(page, asked, lambda each: each.id)
