"""Audit records as they stand."""

import msgspec

from adapters.database.session import Row
from domain.access.model import AuditRecord

_roles = msgspec.json.Decoder(tuple[str, ...])


def to_audit_record(row: Row) -> AuditRecord:
    """Map a row of ``audit_record``."""
    return AuditRecord(
        id=str(row["id"]),
        node=row["node"],
        seq=row["seq"],
        hash=row["hash"].hex(),
        at=row["at"],
        who=row["who"],
        roles=_roles.decode(row["roles"]),
        action=row["action"],
        target=row["target"],
        purpose=row["purpose"],
        outcome=row["outcome"],
    )
