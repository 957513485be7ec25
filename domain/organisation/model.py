"""A device at a lane of a post, and the key with which it proves itself."""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class View(StrEnum):
    """What of a vehicle a camera sees at its checkpoint."""

    FRONT = "front"
    REAR = "rear"
    SIDE = "side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A camera, scale, portal or reader.

    Attributes:
        code: unique in the whole system; part of the address it pushes to.
        site: code of the site at which it stands.
        checkpoint: where passages are formed; several devices may look at one checkpoint.
        direction: ``inbound`` or ``outbound``; of the lane, for what the device's own words say nothing about.
        format: name of the vendor format it speaks.
        key_digest: SHA-256 of its key, in hexadecimal.
        merge_window: readings of one vehicle no farther apart than this are one passage.
        withdrawn_at: since when it may not push any more; its code is never given again.
        silent_after: it is silent when it has said nothing for so long; None: it may be silent.
        view: what its camera sees; None where it is no camera, or nobody said.
        direction_words: the vendor's words for a direction, and which direction each is here. Degrees mean what the
            nearest of them does; other words mean nothing.
        version: one more than it was adjusted.
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
    silent_after: timedelta | None = None
    view: View | None = None
    direction_words: dict[str, str] = field(default_factory=dict)
    version: int = 1

    def accepts(self, key: str) -> bool:
        """Tell in constant time whether ``key`` is the device's own, and in force."""
        return hmac.compare_digest(digest(key), self.key_digest) and self.withdrawn_at is None

    def with_key(self, key_digest: str) -> "Device":
        """Return the device with another key."""
        return replace(self, key_digest=key_digest)

    def withdrawn(self, at: datetime) -> "Device":
        """Return the device as out of service since ``at``."""
        return replace(self, withdrawn_at=at)

    def adjusted(
        self,
        silent_after: timedelta | None,
        view: View | None,
        direction_words: dict[str, str],
        merge_window: timedelta | None = None,
    ) -> "Device":
        """Return the device with these adjustments in place of those it had; without a window it keeps its own."""
        return replace(
            self,
            silent_after=silent_after,
            view=view,
            direction_words=direction_words,
            merge_window=merge_window or self.merge_window,
            version=self.version + 1,
        )


def digest(key: str) -> str:
    """Return what is stored of a device key. Keys are random and long, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()
