"""A device at a lane of a post, and the key with which it proves itself."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta


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
    """

    code: str
    site: str
    lane: str
    checkpoint: str
    direction: str
    format: str
    key_digest: str
    merge_window: timedelta = timedelta(seconds=10)

    def accepts(self, key: str) -> bool:
        """Tell in constant time whether ``key`` is the device's own."""
        return hmac.compare_digest(digest(key), self.key_digest)


def digest(key: str) -> str:
    """Return what is stored of a device key. Keys are random and long, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()
