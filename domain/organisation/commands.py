"""What may be asked of the organisation."""

from dataclasses import dataclass
from datetime import timedelta

from domain.organisation.model import View
from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolDevice(Command):
    """Put a device on the books of a site. Only the digest of its key is handed over and kept."""

    code: str
    site: str
    lane: str
    checkpoint: str
    direction: str
    format: str
    key_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewDeviceKey(Command):
    """Give a device another key; the one it has stops working. Only the digest is handed over and kept."""

    code: str
    key_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDevice(Command):
    """Take a device out of service for good."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustDevice(Command):
    """Say what a device sees, what its words for a direction mean, and after what silence it is silent."""

    code: str
    silent_after: timedelta | None = None
    view: View | None = None
    direction_words: dict[str, str]
