"""Audit records, from events to rows."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Table

from adapters.database.tables.access import audit_record
from bus.recorded import Recorded
from domain.access.events import Audited
from domain.shared.messages import Event


def _audited(recorded: Recorded, event: Audited) -> tuple[Any, ...]:
    return (
        event.record_id,
        recorded.log.origin,
        recorded.log.epoch,
        recorded.seq,
        recorded.hash,
        event.at,
        event.who,
        msgspec.json.encode(event.roles).decode(),
        event.action,
        event.target,
        event.purpose,
        event.outcome,
    )


ADDED: Mapping[type[Event], tuple[Table, Callable[[Recorded, Any], tuple[Any, ...]]]] = {
    Audited: (audit_record, _audited)
}
