"""One message, one change: finds the handler, keeps the caller's key, writes the audit record, sets off reactions."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import structlog

from bus.catalogue import COMMANDS, REACTIONS, CommandEntry, event_entry
from bus.codec import EventUnreadable, decode
from bus.ports import Changes, DispatchedChange
from domain.access.commands import RecordAccess
from domain.access.handlers import record_access
from domain.shared.actors import Actor, system
from domain.shared.errors import Conflict, Refusal, Unavailable
from domain.shared.messages import Command, Event

ANSWERS_KEPT = timedelta(days=7)
RETRY_AFTER_SECONDS = 2.0
DUE_AT_ONCE = 100
_log = structlog.get_logger(__name__)


class KeyReused(Conflict):
    """This idempotency key was used for a different request."""

    code = "KEY_REUSED"


class Dispatcher:
    """Carries commands to their handlers."""

    def __init__(self, node: str, changes: Changes) -> None:
        """Serve the node of code ``node``."""
        self._node = node
        self._changes = changes
        self._unreadable: set[tuple[str, str]] = set()

    async def dispatch(self, command: Command, actor: Actor, key: str | None = None) -> Any:
        """Run a command in one change and return its handler's answer once it is durable.

        Args:
            command: what is asked.
            actor: who asks; a person's command goes on audit in the same change, its refusal in another.
            key: the caller's idempotency key: the same key and command give the first answer again.

        Raises:
            Refusal: the handler's, or ``KeyReused``.
        """
        entry = COMMANDS[type(command)]

        async def work(change: DispatchedChange) -> Any:
            if key is None:
                return await self._handle(entry, command, change)
            return await self._handle_once(entry, command, change, key)

        try:
            return await self._changes.run(actor, work)
        except Refusal as refusal:
            if actor.is_person:
                await self._put_refusal_on_audit(entry, command, actor, refusal)
            raise

    async def _handle(self, entry: CommandEntry, command: Command, change: DispatchedChange) -> Any:
        answer = await entry.handler(command, change)
        await _put_on_audit(entry, entry.target(command, answer), "done", change)
        await _react(change)
        return answer

    async def _handle_once(self, entry: CommandEntry, command: Command, change: DispatchedChange, key: str) -> Any:
        digest = _digest(command)
        earlier = await change.answers.find(change.actor.name, key)
        if earlier is None:
            answer = await self._handle(entry, command, change)
            await change.answers.keep(change.actor.name, key, digest, msgspec.json.encode(answer))
            return answer
        if earlier[0] != digest:
            raise KeyReused(path=("idempotencyKey",))
        answer = msgspec.json.decode(earlier[1], type=entry.answer)
        await _put_on_audit(entry, entry.target(command, answer), "answered_again", change)
        return answer

    async def _put_refusal_on_audit(
        self, entry: CommandEntry, command: Command, actor: Actor, refusal: Refusal
    ) -> None:
        access = _access(entry, entry.target(command, None), f"refused:{refusal.code}")
        await self._changes.run(actor, lambda change: record_access(access, change))

    async def run(self) -> None:
        """Carry out reactions that failed in the change that called for them, until cancelled."""
        while True:
            try:
                await self.catch_up()
            except Exception:  # noqa: BLE001 - logged, and tried again until it succeeds
                _log.exception("reactions_wait")
            await asyncio.sleep(RETRY_AFTER_SECONDS)

    async def catch_up(self) -> None:
        """Try each reaction that is due once, oldest event first, each in a change of its own.

        What a reaction to one event lacks, the same reaction to another lacks too: those wait for the next time.
        """
        for name in REACTIONS:
            after = None
            while due := await self._due(name, after):
                if not await self._can_all(name, due):
                    break
                after = due[-1][0]

    async def _due(self, name: str, after: str | None) -> Sequence[tuple[str, bytes]]:
        return await self._changes.run(
            system(self._node), lambda change: change.reactions.due(name, after, DUE_AT_ONCE)
        )

    async def _can_all(self, name: str, due: Sequence[tuple[str, bytes]]) -> bool:
        """Try a reaction to one event after the other, until something that it needs is not there now."""
        for event_id, body in due:
            try:
                event = decode(body)[2]
            except EventUnreadable as damage:
                self._tell_unreadable(name, event_id, damage)
                continue
            if not await self._can(event_id, name, event):
                return False
        return True

    def _tell_unreadable(self, name: str, event_id: str, damage: EventUnreadable) -> None:
        """Log once that a reaction stays due, to whoever can read the event: a newer program, or a mended file."""
        if (name, event_id) not in self._unreadable:
            self._unreadable.add((name, event_id))
            _log.error("reaction_unreadable", reaction=name, event_id=event_id, error=repr(damage))

    async def _can(self, event_id: str, name: str, event: Event) -> bool:
        """Try a reaction; False when something that it needs is not there now."""

        async def work(change: DispatchedChange) -> None:
            if await change.reactions.drop(event_id, name):
                await event_entry(type(event)).reactions[name].handler(event, change)
                await _react(change)

        try:
            await self._changes.run(system(self._node), work)
        except Unavailable as refusal:
            _log.warning("reaction_waits", reaction=name, event_id=event_id, error=repr(refusal))
            return False
        except Exception:  # noqa: BLE001 - logged, and tried again until it succeeds
            _log.exception("reaction_failed", reaction=name, event_id=event_id)
        return True

    async def tidy(self) -> None:
        """Forget answers that are older than a caller may still ask for."""
        await self._changes.run(system(self._node), lambda change: change.answers.forget(change.now - ANSWERS_KEPT))


async def _react(change: DispatchedChange) -> None:
    """Carry out what the change's events call for as parts of it; what fails is undone alone and kept as due."""
    done = 0
    while done < len(change.recorded):
        recorded = change.recorded[done]
        done += 1
        for name, reaction in event_entry(type(recorded.event)).due(recorded.event).items():
            failure = await change.attempt(partial(reaction.handler, recorded.event, change))
            if failure is not None:
                tell = _log.warning if isinstance(failure, Unavailable) else _log.error
                tell("reaction_failed", reaction=name, event_id=recorded.id, error=repr(failure))
                await change.reactions.note(recorded.id, name)


async def _put_on_audit(entry: CommandEntry, target: str, outcome: str, change: DispatchedChange) -> None:
    """Put a person's command on audit, unless it is the one that puts on audit."""
    if change.actor.is_person and entry.type is not RecordAccess:
        await record_access(_access(entry, target, outcome), change)


def _access(entry: CommandEntry, target: str, outcome: str) -> RecordAccess:
    return RecordAccess(action=entry.type.__name__, target=target, outcome=outcome)


def _digest(command: Command) -> bytes:
    return hashlib.sha256(type(command).__name__.encode() + msgspec.msgpack.encode(command)).digest()
