"""What can be looked up of the audit trail."""

from typing import Protocol

from domain.access.model import AuditRecord
from domain.shared.views import Page, Window


class AccessViews(Protocol):
    """Audit records as they stand at this node."""

    async def audit_records(
        self, window: Window, *, who: str | None = None, target: str | None = None
    ) -> Page[AuditRecord]:
        """Return audit records, of one person or about one object where given."""
        ...
