"""Refusals of tokens, and what is wrong with a key."""

from domain.shared.errors import Forbidden


class TokenRefused(Forbidden):
    """The token is not genuine, or not meant for this node."""

    code = "TOKEN_REFUSED"


class TokenExpired(Forbidden):
    """The token has expired; sign in again."""

    code = "TOKEN_EXPIRED"


class KeyExposed(Exception):  # noqa: N818 - a state of the file, not of the program
    """Others than the node's own user may read the file of a key."""


class KeyDamaged(Exception):  # noqa: N818 - as above
    """The file of a key does not hold it."""


class SealLost(Exception):  # noqa: N818 - as above
    """The key of a node's seal is not the one with which its events were sealed."""
