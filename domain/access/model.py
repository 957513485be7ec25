"""An audit record as it stands in a node's chain."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """Who did, saw or was refused what, when and why; ``seq`` and ``hash`` place it in the chain of its node."""

    id: str
    node: str
    seq: int
    hash: str
    at: datetime
    who: str
    roles: tuple[str, ...]
    action: str
    target: str
    purpose: str
    outcome: str
