"""The salt of an event, made so that the node that recorded it knows it again as its own.

To everybody else it is random. Who does not have the key cannot make up an event that its owner would take back.
"""

import hashlib
import hmac
from typing import Final

from bus.replication.record import SALT_BYTES, Record

KEY_BYTES: Final = 32
_MARK: Final = b"caifs seal"


class Seal:
    """The key of one node."""

    def __init__(self, key: bytes) -> None:
        """Use a key of at least `KEY_BYTES` random bytes.

        Raises:
            ValueError: it is shorter.
        """
        if len(key) < KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self._keyed = hmac.new(key, digestmod="sha256")

    @property
    def mark(self) -> bytes:
        """What tells the key from any other, and does not give it away: HMAC-SHA-256 of fixed words."""
        return hmac.digest(self._key, _MARK, "sha256")

    def salt(self, event_id: bytes, hlc: int, body: bytes) -> bytes:
        """Return the salt of an event of this node: HMAC-SHA-256 over all that it is, cut short."""
        keyed = self._keyed.copy()
        keyed.update(event_id + hlc.to_bytes(8) + hashlib.sha256(body).digest())
        return keyed.digest()[:SALT_BYTES]

    def knows(self, record: Record) -> bool:
        """Tell whether this node recorded an event; of an erased one it cannot be told, and nothing is left of it."""
        if record.salt is None or record.body is None:
            return True
        return hmac.compare_digest(record.salt, self.salt(record.id, record.hlc, record.body))
