"""The built-in issuer: makes and verifies signed tokens (JWT, Ed25519) without asking anybody."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError

from adapters.identity.errors import TokenExpired, TokenRefused
from adapters.identity.key_file import CURVE, key_pair
from domain.shared.actors import Actor, Role
from domain.shared.ports import Clock

KEY_FILE = "issuer-key.json"
LONGEST_TOKEN = 4096
GRANTED = frozenset({Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR})
"""Roles that a token may grant: those of persons. Devices have keys, and a node needs no token for itself."""


Seconds = Annotated[int, msgspec.Meta(ge=0, le=2**32)]


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str
    sub: str
    roles: tuple[Role, ...]
    iat: Seconds
    exp: Seconds


class DevelopmentIssuer:
    """Makes tokens and tells who bears one."""

    def __init__(self, folder: Path, node: str, clock: Clock) -> None:
        """Sign with the key pair in ``folder``, made when there is none.

        Args:
            folder: state folder of the node.
            node: code of the node: its tokens are for it alone.
            clock: tells whether a token has expired.

        Raises:
            KeyExposed, KeyDamaged: the key pair is not fit for use.
        """
        self._key = key_pair(folder / KEY_FILE)
        self._name = f"caifs:{node}"
        self._clock = clock

    def mint(self, name: str, roles: Collection[Role], ttl: timedelta) -> str:
        """Return a token of subject ``name`` that expires after ``ttl``.

        Raises:
            ValueError: no name, no role, or a role that tokens do not grant.
        """
        if not name or not roles or not GRANTED.issuperset(roles):
            raise ValueError("a token needs a name, and roles of persons")
        now = self._clock.now()
        claims = {
            "iss": self._name,
            "aud": self._name,
            "sub": name,
            "roles": sorted(roles),
            "iat": int(now.timestamp()),
            "exp": int((now + ttl).timestamp()),
        }
        return jwt.encode({"alg": CURVE}, claims, self._key, [CURVE])

    def verify(self, token: str) -> tuple[Actor, datetime]:
        """Return who bears the token, and when it expires.

        Raises:
            TokenRefused: it is not genuine, not for this node, or grants what no token may.
            TokenExpired: its time is over.
        """
        claims = self._claims(token)
        if claims.iss != self._name or claims.aud != self._name or not claims.sub:
            raise TokenRefused
        if not claims.roles or not GRANTED.issuperset(claims.roles):
            raise TokenRefused
        expires_at = datetime.fromtimestamp(claims.exp, UTC)
        if expires_at <= self._clock.now():
            raise TokenExpired
        return Actor(name=claims.sub, roles=frozenset(claims.roles)), expires_at

    def _claims(self, token: str) -> _Claims:
        if len(token) > LONGEST_TOKEN:
            raise TokenRefused
        try:
            return msgspec.convert(jwt.decode(token, self._key, [CURVE]).claims, _Claims)
        except (JoseError, ValueError) as fault:  # of msgspec and of the encoding too
            raise TokenRefused from fault
