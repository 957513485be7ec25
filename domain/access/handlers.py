"""How audit records are made."""

from domain.access.commands import RecordAccess
from domain.access.events import Audited
from domain.shared.ports import Change


async def record_access(command: RecordAccess, change: Change) -> None:
    """Put on audit who asked, in which roles, for what purpose, and how it ended."""
    actor = change.actor
    await change.record(
        Audited(
            record_id=change.new_id(),
            at=change.now,
            who=actor.name,
            roles=tuple(sorted(actor.roles)),
            action=command.action,
            target=command.target,
            purpose=actor.purpose,
            outcome=command.outcome,
        )
    )
