"""Audit records."""

from datetime import datetime

import strawberry

from api.numbers import Int64
from api.objects.lens import described, id_of, lens
from domain.access import model


@lens(model.AuditRecord, description="Who did, saw or was refused what, when and why.")
class AuditRecord:
    """An audit record."""

    id: strawberry.ID = id_of("AuditRecord")
    node: str = described("Code of the node at which it happened.")
    seq: Int64 = described("Place in the chain of that node, without gaps.")
    hash: str = described("Hash of the chain at this record, in hexadecimal.")
    at: datetime = described("When it happened.")
    who: str = described("Subject of the token.")
    roles: list[str] = described("Roles held at that time.")
    action: str = described("Name of the command, or of the query.")
    target: str = described("Id or description of the object.")
    purpose: str = described("Why, in the words of the one who asked.")
    outcome: str = described("`done`, `consulted` or `refused:` and the code of the refusal.")
