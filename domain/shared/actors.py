"""Who acts, in which role, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may be granted; the full model of roles and units belongs to the module access."""

    OFFICER = "officer"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    DEVICE = "device"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody or something that asks.

    Attributes:
        name: the subject of the token, the device's code, or the node's own name.
        roles: what the actor holds now.
        purpose: why personal data is looked at or changed; empty for machines.
    """

    name: str
    roles: frozenset[Role]
    purpose: str = ""

    @property
    def is_person(self) -> bool:
        """Whether the access of this actor is on audit."""
        return not self.roles & {Role.DEVICE, Role.SYSTEM}


def system(node: str) -> Actor:
    """Return the actor of a node's own reactions."""
    return Actor(name=node, roles=frozenset({Role.SYSTEM}))
