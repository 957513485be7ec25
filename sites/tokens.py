"""Tokens of a node's built-in issuer, for whoever may read the node's state folder."""

from datetime import timedelta
from pathlib import Path

from adapters.identity.development import DevelopmentIssuer
from adapters.identity.errors import KeyDamaged, KeyExposed
from adapters.system import SystemClock
from domain.shared.actors import Role


class KeyUnfit(Exception):  # noqa: N818 - a state of the folder, not of the program
    """The node's signing key is not fit for use; the text says why."""


def mint(node: str, state: Path, name: str, role: str, ttl: timedelta) -> str:
    """Return a token of the node of this code and state folder.

    Raises:
        ValueError: there is no such role of persons.
        KeyUnfit: the node's key cannot be used.
    """
    try:
        issuer = DevelopmentIssuer(state, node, SystemClock())
    except (KeyExposed, KeyDamaged) as fault:
        raise KeyUnfit(str(fault)) from fault
    return issuer.mint(name, (Role(role),), ttl)
