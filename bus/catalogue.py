"""THE table of messages: every command with its one handler, every event with its channel and what reacts to it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bus.feed_modules import ERASURE, FEEDS, ORGANISATION, WATCHLIST, feed
from bus.replication.log import LogId
from domain.access.commands import RecordAccess
from domain.access.events import Audited
from domain.access.handlers import record_access
from domain.alarms.commands import AcknowledgeAlarm, RaiseAlarm, ReportFaults
from domain.alarms.events import AlarmAcknowledged, AlarmRaised, AlarmRepeated, FaultEnded
from domain.alarms.handlers import (
    acknowledge_alarm,
    raise_alarm,
    raise_for_filled_quarantine,
    raise_for_linked_passages,
    raise_for_screening,
    report_faults,
)
from domain.alarms.model import Alarm
from domain.alarms.raising import calls_for_alarm
from domain.erasure.commands import Erase
from domain.erasure.events import EventsErased
from domain.erasure.handlers import erase
from domain.erasure.model import Erasure
from domain.organisation.commands import EnrolDevice, RenewDeviceKey, WithdrawDevice
from domain.organisation.events import DeviceEnrolled, DeviceKeyRenewed, DeviceWithdrawn
from domain.organisation.handlers import enrol_device, renew_device_key, withdraw_device
from domain.organisation.model import Device
from domain.registrations.commands import (
    QuarantinePush,
    RegisterPerson,
    RegisterVehicle,
    ScreenAgain,
    SetPushAside,
    TakeReadings,
)
from domain.registrations.events import (
    PassagesLinked,
    PushQuarantined,
    PushReplayed,
    PushSetAside,
    QuarantineFilled,
    ReadingTaken,
    Registered,
    Rescreened,
)
from domain.registrations.handlers import not_checked, register_person, register_vehicle, screen_again, screen_unchecked
from domain.registrations.intake import Taken, take_readings
from domain.registrations.model import Registration
from domain.registrations.quarantine import quarantine_push, set_push_aside
from domain.shared.messages import Command, Event
from domain.shared.texts import is_code
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
from domain.watchlist.commands import ApproveEntry, CreateEntry, WithdrawEntry
from domain.watchlist.events import EntryActivated, EntrySubmitted, EntryWithdrawn
from domain.watchlist.handlers import approve_entry, create_entry, withdraw_entry
from domain.watchlist.model import Entry
from domain.watchlist.scopes import DRAFTS

ALARMS, FACTS, TECHNICAL, AUDIT = "alarms", "facts", "technical", "audit"
UP = (ALARMS, FACTS, TECHNICAL, AUDIT)
"""Channels whose logs travel from a node to its parent. Every other channel is a feed and travels down."""

COPIED = (ALARMS, FACTS, TECHNICAL)
"""Channels whose logs also come down to every node that holds all feeds: its database is a copy of the centre's."""

TARGET_MAX = 200

Handler = Callable[[Any, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """A command: who handles it, what it answers, and what of it goes on audit."""

    type: type[Command]
    handler: Handler
    answer: Any
    target: Callable[[Any, Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What follows from an event at the node that recorded it, when ``when`` says so."""

    handler: Handler
    when: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """An event: its name on the wire, the version of its form, its channel, and the reactions by name."""

    kind: str
    type: type[Event]
    channel: Callable[[Any], str]
    version: int = 1
    reactions: Mapping[str, Reaction]

    def due(self, event: Event) -> Mapping[str, Reaction]:
        """Return the reactions that this event calls for, by name."""
        return {name: reaction for name, reaction in self.reactions.items() if reaction.when(event)}


def is_feed(channel: str) -> bool:
    """Tell whether a channel is the feed of a module and of what may be the code of a scope."""
    module, _, scope = channel.partition(".")
    return module in FEEDS and is_code(scope)


def _always(channel: str) -> Callable[[Any], str]:
    return lambda _: channel


def _command(type_: type[Command], handler: Handler, answer: Any, target: Callable[[Any, Any], str]) -> CommandEntry:
    return CommandEntry(type=type_, handler=handler, answer=answer, target=target)


def _event(kind: str, type_: type[Event], channel: Callable[[Any], str], **reactions: Reaction) -> EventEntry:
    return EventEntry(kind=kind, type=type_, channel=channel, reactions=reactions)


_screened = Reaction(handler=raise_for_screening, when=calls_for_alarm)
_unchecked = Reaction(handler=screen_unchecked, when=not_checked)
_linked = Reaction(handler=raise_for_linked_passages, when=lambda _: True)
_filled = Reaction(handler=raise_for_filled_quarantine, when=lambda _: True)


COMMANDS: Mapping[type[Command], CommandEntry] = {
    entry.type: entry
    for entry in (
        _command(TakeReadings, take_readings, tuple[Taken, ...], lambda c, _: c.push_id or c.device),
        _command(QuarantinePush, quarantine_push, str | None, lambda c, _: c.device),
        _command(SetPushAside, set_push_aside, None, lambda c, _: c.push_id),
        _command(RegisterVehicle, register_vehicle, Registration, lambda c, a: a.id if a else c.plate[:40]),
        _command(RegisterPerson, register_person, Registration, lambda _, a: a.id if a else "person"),
        _command(ScreenAgain, screen_again, Registration, lambda c, _: c.registration_id),
        _command(AcknowledgeAlarm, acknowledge_alarm, Alarm, lambda c, _: c.alarm_id),
        _command(RaiseAlarm, raise_alarm, Alarm, lambda c, a: a.id if a else c.label[:40]),
        _command(ReportFaults, report_faults, None, lambda *_: "faults"),
        _command(CreateEntry, create_entry, Entry, lambda c, a: a.id if a else c.title[:40]),
        _command(ApproveEntry, approve_entry, Entry, lambda c, _: c.entry_id),
        _command(WithdrawEntry, withdraw_entry, Entry, lambda c, _: c.entry_id),
        _command(EnrolDevice, enrol_device, Device, lambda c, _: c.code[:40]),
        _command(RenewDeviceKey, renew_device_key, Device, lambda c, _: c.code),
        _command(WithdrawDevice, withdraw_device, Device, lambda c, _: c.code),
        _command(ReplayEvent, replay_event, Replayed, lambda c, _: c.event_id),
        _command(ReplayLog, replay_log, Replayed, lambda c, _: f"{c.origin}/{c.epoch}/{c.channel}"),
        _command(ReplayParked, replay_parked, Replayed, lambda *_: "parked"),
        _command(ReplayWaiting, replay_waiting, Replayed, lambda *_: "waiting"),
        _command(SetEventAside, set_event_aside, None, lambda c, _: c.event_id),
        _command(NoteBatchTaken, note_batch_taken, None, lambda c, _: c.batch_id),
        _command(SetBatchAside, set_batch_aside, None, lambda c, _: c.batch_id),
        _command(Erase, erase, tuple[Erasure, ...], lambda c, _: " ".join(c.ids)[:TARGET_MAX]),
        _command(RecordAccess, record_access, None, lambda c, _: c.target),
    )
}

EVENTS: Mapping[type[Event], EventEntry] = {
    entry.type: entry
    for entry in (
        _event("ReadingTaken", ReadingTaken, _always(FACTS)),
        _event("Registered", Registered, _always(FACTS), raise_alarms=_screened, screen=_unchecked),
        _event("Rescreened", Rescreened, _always(FACTS), raise_alarms=_screened, screen=_unchecked),
        _event("PassagesLinked", PassagesLinked, _always(FACTS), raise_alarms=_linked),
        _event("PushQuarantined", PushQuarantined, _always(TECHNICAL)),
        _event("PushReplayed", PushReplayed, _always(TECHNICAL)),
        _event("PushSetAside", PushSetAside, _always(TECHNICAL)),
        _event("QuarantineFilled", QuarantineFilled, _always(TECHNICAL), raise_alarms=_filled),
        _event("AlarmRaised", AlarmRaised, _always(ALARMS)),
        _event("AlarmRepeated", AlarmRepeated, _always(ALARMS)),
        _event("AlarmAcknowledged", AlarmAcknowledged, _always(ALARMS)),
        _event("FaultEnded", FaultEnded, _always(ALARMS)),
        _event("EntrySubmitted", EntrySubmitted, _always(feed(WATCHLIST, DRAFTS))),
        _event("EntryActivated", EntryActivated, lambda e: feed(WATCHLIST, e.entry.scope)),
        _event("EntryWithdrawn", EntryWithdrawn, lambda e: feed(WATCHLIST, e.scope if e.was_active else DRAFTS)),
        _event("DeviceEnrolled", DeviceEnrolled, lambda e: feed(ORGANISATION, e.device.site)),
        _event("DeviceKeyRenewed", DeviceKeyRenewed, lambda e: feed(ORGANISATION, e.site)),
        _event("DeviceWithdrawn", DeviceWithdrawn, lambda e: feed(ORGANISATION, e.site)),
        _event("EventsErased", EventsErased, lambda e: feed(ERASURE, e.scope)),
        _event("Audited", Audited, _always(AUDIT)),
    )
}

EVENTS_BY_KIND: Mapping[str, EventEntry] = {entry.kind: entry for entry in EVENTS.values()}

REACTIONS = tuple(sorted({name for entry in EVENTS.values() for name in entry.reactions}))


def event_entry(type_: type[Event]) -> EventEntry:
    """Return the table's line for a type of event."""
    return EVENTS[type_]


@lru_cache(maxsize=1024)  # a parent asks for each log of each child's hello
def feeds_of(scopes: tuple[str, ...]) -> frozenset[str]:
    """Return the feeds that a node of these scopes holds."""
    return frozenset(feed(module, scope) for module in FEEDS for scope in scopes)


def audit_of(node: str) -> str:
    """Return whose the rows of a node's audit trail are: they are the node's, and its parents' alone to hold."""
    return f"{AUDIT}.{node}"


def owner_of(log: LogId) -> str:
    """Return whose the rows are that a log shows in the tables: its feed's, its origin's, or its audit trail's."""
    if log.channel not in UP:
        return log.channel
    return audit_of(log.origin) if log.channel == AUDIT else log.origin


def lists_of(scopes: tuple[str, ...]) -> frozenset[str]:
    """Return the feeds without which a node of these scopes cannot tell whether an object is sought."""
    return frozenset(feed(WATCHLIST, scope) for scope in scopes)
