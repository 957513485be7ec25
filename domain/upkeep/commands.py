"""What an operator does with what is in quarantine."""

from dataclasses import dataclass

from domain.shared.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEvent(Command):
    """Show an event again, and after it what waits for it."""

    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayLog(Command):
    """Show all events of a log again that are held, in their order."""

    origin: str
    epoch: int
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayParked(Command):
    """Show all events again that wait for an upgrade, and what waits for them, in the order of their logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWaiting(Command):
    """Show events again that wait for others, log by log in their order: ``limit`` behind the first ``skip``."""

    skip: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEventAside(Command):
    """Give up showing an event, for a reason; it stays in its log."""

    event_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBatchTaken(Command):
    """Note that a batch could be taken after all."""

    batch_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBatchAside(Command):
    """Give up a batch, for a reason; its bytes are kept while there is room."""

    batch_id: str
    reason: str
