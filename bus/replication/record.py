"""One event as the log carries it: opaque body, salted commitment, nothing of its meaning."""

import hashlib
from typing import Annotated, Final

import msgspec
from msgspec import Meta

ID_BYTES: Final = 16
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
MAX_BODY: Final = 4 * 1024 * 1024
MAX_INT: Final = 2**63 - 1

EventId = Annotated[bytes, Meta(min_length=ID_BYTES, max_length=ID_BYTES)]
Salt = Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
Body = Annotated[bytes, Meta(max_length=MAX_BODY)]
Hash = Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]
Hlc = Annotated[int, Meta(ge=0, le=MAX_INT)]


def commitment(salt: bytes, body: bytes) -> bytes:
    """SHA-256 of salt and body: what the hash chain runs over, so that erasing both does not break it.

    Raises:
        ValueError: the salt is not `SALT_BYTES` long; with a salt of free length two bodies could share a commitment.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hashlib.sha256(salt + body).digest()


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event in its log: either salt and body, or (erased) the commitment alone.

    `hlc` is the hybrid logical clock of the origin (see `clock`). The order of the fields is the wire format.
    """

    id: EventId
    hlc: Hlc
    salt: Salt | None
    body: Body | None
    commitment: Hash | None = None

    @property
    def whole(self) -> bool:
        """Whether it is a live or an erased record, and not something in between."""
        live = self.body is not None
        return live is (self.salt is not None) and live is (self.commitment is None)

    def erased(self) -> "Record":
        """The same record without salt and body; it chains to the same hash."""
        if self.salt is None or self.body is None:
            return self
        return Record(self.id, self.hlc, None, None, commitment(self.salt, self.body))
