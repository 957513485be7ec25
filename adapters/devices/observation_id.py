"""An id for an observation whose vendor gives none: the same push has the same fields."""

import hashlib

_LENGTH = 32


def observation_id(*fields: object) -> str:
    """Return an id that is the same for the same fields."""
    return hashlib.sha256("\n".join(map(str, fields)).encode(errors="replace")).hexdigest()[:_LENGTH]
