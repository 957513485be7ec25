"""Messages of upkeep, erasure and the audit trail."""

from bus.catalogue.entries import AUDIT, TARGET_MAX, EntityEntry, always, command, event
from bus.feed_modules import ERASURE, feed
from domain.access.commands import RecordAccess
from domain.access.events import Audited
from domain.access.handlers import record_access
from domain.erasure.commands import Erase
from domain.erasure.events import EventsErased
from domain.erasure.handlers import erase
from domain.erasure.model import Erasure
from domain.upkeep.commands import (
    NoteBatchTaken,
    ReplayEvent,
    ReplayLog,
    ReplayParked,
    ReplayWaiting,
    SetBatchAside,
    SetEventAside,
)
from domain.upkeep.handlers import (
    note_batch_taken,
    replay_event,
    replay_log,
    replay_parked,
    replay_waiting,
    set_batch_aside,
    set_event_aside,
)
from domain.upkeep.model import Replayed

COMMANDS = (
    command(ReplayEvent, replay_event, Replayed, lambda c, _: c.event_id),
    command(ReplayLog, replay_log, Replayed, lambda c, _: f"{c.origin}/{c.epoch}/{c.channel}"),
    command(ReplayParked, replay_parked, Replayed, lambda *_: "parked"),
    command(ReplayWaiting, replay_waiting, Replayed, lambda *_: "waiting"),
    command(SetEventAside, set_event_aside, None, lambda c, _: c.event_id),
    command(NoteBatchTaken, note_batch_taken, None, lambda c, _: c.batch_id),
    command(SetBatchAside, set_batch_aside, None, lambda c, _: c.batch_id),
    command(Erase, erase, tuple[Erasure, ...], lambda c, _: " ".join(c.ids)[:TARGET_MAX]),
    command(RecordAccess, record_access, None, lambda c, _: c.target),
)

EVENTS = (
    event("EventsErased", EventsErased, lambda e: feed(ERASURE, e.scope)),
    event("Audited", Audited, always(AUDIT)),
)

ENTITIES: tuple[EntityEntry, ...] = ()
