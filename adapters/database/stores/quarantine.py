"""Quarantine within a change."""

from sqlalchemy import bindparam, insert, select, update

from adapters.database.session import Row, Session
from adapters.database.tables.registrations import push_body, push_refusal, quarantine_tally, quarantined_push
from domain.registrations.model import QuarantinedPush, QuarantineTally
from domain.shared.quarantine import QuarantineState

_PUSH = select(quarantined_push).where(quarantined_push.c.id == bindparam("id"))
_HELD_PUSH = select(quarantined_push.c.id).where(
    quarantined_push.c.device == bindparam("device"),
    quarantined_push.c.digest == bindparam("digest"),
    quarantined_push.c.state == QuarantineState.HELD.value,
)
_KEEP_BODY = insert(push_body).values(push_id=bindparam("push_id"), body=bindparam("body"))
_TALLY = select(quarantine_tally).where(quarantine_tally.c.device == bindparam("device"))
_REFUSED_AGAIN = (
    update(push_refusal).where(push_refusal.c.device == bindparam("key")).values(refused=push_refusal.c.refused + 1)
)


class QuarantineStore:
    """Pushes that could not be taken."""

    def __init__(self, session: Session, node: str, *, has_room: bool) -> None:
        """Read and write through ``session`` for ``node``, on whose disk there is room or none."""
        self._has_room = has_room
        self._session = session
        self._node = node

    async def find(self, push_id: str) -> QuarantinedPush | None:
        """Return a push without its body, or None."""
        row = await self._session.row(_PUSH, id=push_id)
        return None if row is None else to_quarantined_push(row)

    async def held(self, device: str, digest: str) -> str | None:
        """Return the id of a push of this device and digest that is held, or None."""
        row = await self._session.row(_HELD_PUSH, device=device, digest=digest)
        return None if row is None else str(row["id"])

    async def has_room(self) -> bool:
        """Tell whether the node's disk has room for what it can do without."""
        return self._has_room

    async def keep(self, push_id: str, body: bytes) -> None:
        """Keep the body of a push at this node."""
        await self._session.run(_KEEP_BODY, push_id=push_id, body=body)

    async def tally(self, device: str) -> QuarantineTally:
        """Return how much of this device is held."""
        row = await self._session.row(_TALLY, device=device)
        return QuarantineTally(device=device, node=self._node) if row is None else to_quarantine_tally(row)

    async def count_refused(self, device: str) -> None:
        """Count one more push that was not kept."""
        if not await self._session.run(_REFUSED_AGAIN, key=device):
            await self._session.add(push_refusal, [(device, 1)])


def to_quarantined_push(row: Row) -> QuarantinedPush:
    """Map a row of ``quarantined_push``."""
    return QuarantinedPush(
        id=str(row["id"]),
        node=row["node"],
        device=row["device"],
        content_type=row["content_type"],
        digest=row["digest"],
        size=row["size"],
        truncated=row["truncated"],
        reason=row["reason"],
        message=row["message"],
        received_at=row["received_at"],
        state=QuarantineState(row["state"]),
        note=row["note"],
    )


def to_quarantine_tally(row: Row, refused: int | None = None) -> QuarantineTally:
    """Map a row of ``quarantine_tally``."""
    return QuarantineTally(
        device=row["device"],
        node=row["node"],
        held=row["held"],
        size=row["size"],
        full_since=row["full_since"],
        refused=refused,
    )
