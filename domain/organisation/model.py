"""A device at a lane of a post, and the key with which it proves itself."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A camera, scale, portal or reader.

    Attributes:
        code: unique in the whole system; part of the address it pushes to.
        site: code of the site at which it stands.
        checkpoint: where passages are formed; several devices may look at one checkpoint.
        direction: ``inbound`` or ``outbound`` where the lane has but one; a device's own word is only kept.
        format: name of the vendor format it speaks.
        key_digest: SHA-256 of its key, in hexadecimal.
        merge_window: readings of one vehicle no farther apart than this are one passage.
        withdrawn_at: since when it may not push any more; its code is never given again.
    """

    code: str
    site: str
    lane: str
    checkpoint: str
    direction: str
    format: str
    key_digest: str
    merge_window: timedelta = timedelta(seconds=10)
    withdrawn_at: datetime | None = None

    def accepts(self, key: str) -> bool:
        """Tell in constant time whether ``key`` is the device's own, and in force."""
        return hmac.compare_digest(digest(key), self.key_digest) and self.withdrawn_at is None

    def with_key(self, key_digest: str) -> "Device":
        """Return the device with another key."""
        return replace(self, key_digest=key_digest)

    def withdrawn(self, at: datetime) -> "Device":
        """Return the device as out of service since ``at``."""
        return replace(self, withdrawn_at=at)


def digest(key: str) -> str:
    """Return what is stored of a device key. Keys are random and long, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()
