"""What goes on audit. The events travel up on the channel ``audit``, each node's own."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited(Event):
    """Somebody did, saw or was refused something.

    Attributes:
        who: subject of the token.
        roles: held at that time, sorted.
        action: name of the command, or of the query for a consultation.
        target: id or description of the object.
        purpose: why, in the words of the one who asked.
        outcome: ``done``, ``answered_again``, ``refused:<code>`` or ``consulted``.
    """

    record_id: str
    at: datetime
    who: str
    roles: tuple[str, ...]
    action: str
    target: str
    purpose: str
    outcome: str
