"""First answers and due reactions within a change."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from adapters.database.session import Session
from adapters.database.tables.logs import answer, event, reaction

_ANSWER = select(answer.c.digest, answer.c.answer).where(
    answer.c.actor == bindparam("actor"), answer.c.key == bindparam("key")
)
_KEEP = insert(answer).values({column.name: bindparam(column.name) for column in answer.columns})
_FORGET = delete(answer).where(answer.c.at < bindparam("before"))
_DUE = (
    select(reaction.c.event_id, event.c.body)
    .join(event, event.c.id == reaction.c.event_id)
    .where(reaction.c.name == bindparam("name"), reaction.c.event_id > bindparam("after"))
    .order_by(reaction.c.event_id)
    .limit(bindparam("limit"))
)
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
_NOTE = insert(reaction).values(event_id=bindparam("event_id"), name=bindparam("name"))
_DROP = delete(reaction).where(reaction.c.event_id == bindparam("event_id"), reaction.c.name == bindparam("name"))


class AnswerStore:
    """First answers to commands that came with a key."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Read and write through ``session``; answers kept are dated ``now``."""
        self._session = session
        self._now = now

    async def find(self, actor: str, key: str) -> tuple[bytes, bytes] | None:
        """Return digest of the command and encoded answer, or None."""
        row = await self._session.row(_ANSWER, actor=actor, key=key)
        return None if row is None else (row["digest"], row["answer"])

    async def keep(self, actor: str, key: str, digest: bytes, answer: bytes) -> None:
        """Keep an answer."""
        await self._session.run(_KEEP, actor=actor, key=key, digest=digest, answer=answer, at=self._now)

    async def forget(self, before: datetime) -> None:
        """Drop answers older than ``before``."""
        await self._session.run(_FORGET, before=before)


class ReactionStore:
    """Reactions that are due."""

    def __init__(self, session: Session) -> None:
        """Read and write through ``session``."""
        self._session = session

    async def note(self, event_id: str, name: str) -> None:
        """Note that a reaction is due."""
        await self._session.run(_NOTE, event_id=event_id, name=name)

    async def due(self, name: str, after: str | None, limit: int) -> Sequence[tuple[str, bytes]]:
        """Return ids and bytes of the events to which a reaction is due, oldest first, from behind ``after``."""
        rows = await self._session.rows(_DUE, name=name, after=after or _BEFORE_ALL, limit=limit)
        return [(str(row["event_id"]), row["body"] or b"") for row in rows]

    async def drop(self, event_id: str, name: str) -> bool:
        """Drop one; False when it was no longer due."""
        return await self._session.run(_DROP, event_id=event_id, name=name) > 0
