"""To whom a root field is open."""

from dataclasses import dataclass

from domain.shared.actors import Role

OFFICER, ANALYST, ADMINISTRATOR, AUDITOR = Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR
EVERYBODY = (OFFICER, ANALYST, ADMINISTRATOR, AUDITOR)

RULE = "rule"
"""Under this name a field holds its rule among its metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Roles to which a root field is open, and whether it shows personal data and so needs a purpose."""

    roles: frozenset[Role] = frozenset()
    personal: bool = False


CLOSED = Rule()
"""Open to nobody."""


def open_to(*roles: Role, personal: bool = False) -> Rule:
    """Return the rule of a root field that is open to these roles."""
    return Rule(roles=frozenset(roles), personal=personal)
