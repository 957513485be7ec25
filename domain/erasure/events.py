"""What travels when data is erased: ids and reasons, and nothing of what they stood for."""

from dataclasses import dataclass
from datetime import datetime

from domain.erasure.model import LogHead
from domain.shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsErased(Event):
    """Events must not be held any longer: wherever one stands, or arrives later, its body goes.

    Attributes:
        erasure_id: of this one; what is erased in several scopes makes one of each.
        scope: the feed's; every node that may hold what is erased follows it.
        events: their ids.
        subjects: ids of what they are about; what comes later about the same goes as well.
        heads: how far the centre held the logs whose origin is ``scope``; behind them it may have named too little.
        reason, legal_basis: why it was done.
        erased_by: subject of the token.
    """

    erasure_id: str
    scope: str
    events: tuple[str, ...]
    subjects: tuple[str, ...]
    heads: tuple[LogHead, ...]
    reason: str
    legal_basis: str
    erased_by: str
    erased_at: datetime
