"""Tokens of a node's built-in issuer, for whoever may read the node's state folder."""

from datetime import timedelta
from pathlib import Path

from adapters.identity.development import DevelopmentIssuer
from adapters.system import SystemClock
from domain.shared.actors import Role


def mint(node: str, state: Path, name: str, role: Role, ttl: timedelta) -> str:
    """Return a token of the node of this code and state folder.

    Raises:
        ValueError: tokens do not grant this role.
        KeyExposed, KeyDamaged: the node's key is not fit for use.
    """
    return DevelopmentIssuer(state, node, SystemClock()).mint(name, (role,), ttl)
