"""Which faults of the installation a node sees. Pure: a condition in, faults out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bus.catalogue import ALARMS
from bus.link.returns import NOT_OURS
from bus.link.uplink import WireStatus
from bus.ports import LogStatus
from bus.watch.condition import Condition
from bus.watch.progress import Way
from bus.watch.room import Shed, shed
from bus.watch.thresholds import Thresholds
from domain.alarms.model import Fault

FaultKey = tuple[str, str]
"""Cause and label: what tells one fault from another."""

SILENT, STUCK, STANDSTILL, FORKED, CLONED = "silent", "stuck", "standstill", "forked", "cloned"
QUARANTINE, CLOCK, CERTIFICATE, DISK = "quarantine", "clock", "certificate", "disk"
DIFFERENT, BROKER, MUTE, DROPPED = "different", "broker", "mute", "dropped"
UNSEALED, UNVERIFIED = "unsealed", "unverified"
DEVICE_SILENT, DEVICE_CLOCK = "device_silent", "device_clock"
CAUSES: Final = (
    *(SILENT, STUCK, STANDSTILL, FORKED, CLONED),
    *(QUARANTINE, CLOCK, CERTIFICATE, DISK, DIFFERENT, BROKER, MUTE, DROPPED, UNSEALED, UNVERIFIED),
    *(DEVICE_SILENT, DEVICE_CLOCK),
)

CLONE_SHOWS_AFTER: Final = 10.0
DROP_SHOWS_FOR: Final = 86_400.0
TROUBLE_MAX: Final = 80
INCOMPLETE_SHOWS_AFTER: Final = 49 * 3_600.0
"""An hour into the third night in a row: in one or two a parent may be away, or be upgraded."""
_URGENT, _SERIOUS, _MINOR = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A condition, judged by thresholds.

    Attributes:
        since: when the node began to watch: nobody was silent for longer than that.
    """

    condition: Condition
    thresholds: Thresholds
    since: datetime

    def is_past(self, at: datetime, seconds: float) -> bool:
        return self.condition.at - at > timedelta(seconds=seconds)


def faults(condition: Condition, thresholds: Thresholds, since: datetime) -> Mapping[FaultKey, Fault]:
    """Return the faults that a condition shows to a node that has watched since ``since``, one per cause and label."""
    seen = _Seen(condition=condition, thresholds=thresholds, since=since)
    found: dict[FaultKey, Fault] = {}
    for rule in _RULES:
        for fault in rule(seen):
            found.setdefault(key(fault), fault)
    return found


def key(fault: Fault) -> FaultKey:
    """Return what tells a fault from others."""
    return fault.cause, fault.label


def _silent_parent(seen: _Seen) -> Iterator[Fault]:
    link = seen.condition.link
    silent = [wire for wire in link.parent if not wire.up and seen.is_past(_heard(wire, seen), _silence(seen))]
    if silent and link.parent_code is not None:
        streams = ", ".join(wire.stream for wire in silent)
        last = min(_heard(wire, seen) for wire in silent)
        yield _fault(SILENT, link.parent_code, _SERIOUS, f"The parent has not answered since {_time(last)} ({streams})")


def _silent_children(seen: _Seen) -> Iterator[Fault]:
    for code, child in seen.condition.link.children.items():
        let_in = child.let_in or seen.since
        heard = max(child.heard.values(), default=max(let_in, seen.since))
        if seen.is_past(heard, _silence(seen)):
            yield _fault(SILENT, code, _SERIOUS, f"This child has not said hello since {_time(heard)}")


def _mute_children(seen: _Seen) -> Iterator[Fault]:
    """A child whose alarms wait cannot raise one about it. One that says nothing at all is silent, not mute."""
    for code, child in seen.condition.link.children.items():
        since, heard = child.alarms_wait_since, max(child.heard.values(), default=seen.since)
        if (
            since is not None
            and seen.is_past(since, seen.thresholds.stuck_seconds)
            and not seen.is_past(heard, _silence(seen))
        ):
            yield _fault(
                MUTE, code, _URGENT, f"Alarms of this child wait there since {_time(since)}, though it is heard"
            )


def _stuck(seen: _Seen) -> Iterator[Fault]:
    for one in seen.condition.unmoved:
        if seen.is_past(one.since, seen.thresholds.stuck_seconds):
            what = one.waiting
            text = _STUCK[what.way].format(left=what.left, since=_time(one.since), trouble=what.trouble[:TROUBLE_MAX])
            yield _fault(STUCK, what.label, _weight(what.channel), text)


_STUCK: Final = {
    Way.UP: "{left} events wait here, and none has gone since {since} though the parent answers",
    Way.DOWN: "{left} events are still to come, and none has since {since} though the parent answers",
    Way.LOAD: "The snapshot has not got on since {since}, {left} pieces are still to be placed. {trouble}",
}


def _standing_still(seen: _Seen) -> Iterator[Fault]:
    for log in seen.condition.link.stopped:
        text = f"The log stands still at event {log.seq} since {_time(log.since)}: {log.reason}"
        yield _fault(STANDSTILL, f"{log.origin} {log.channel}", _weight(log.channel), text)


def _forked(seen: _Seen) -> Iterator[Fault]:
    for wire in seen.condition.link.parent:
        for log in wire.forked:
            text = "The parent has another history of this log, which is being recovered: a node was restored"
            yield _fault(FORKED, f"{log.origin} {log.channel}", _URGENT, text)


def _cloned(seen: _Seen) -> Iterator[Fault]:
    """A process that was just started may be refused for a moment, until its predecessor is forgotten."""
    link, node = seen.condition.link, seen.condition.node
    if any(wire.refused and seen.is_past(_heard(wire, seen), CLONE_SHOWS_AFTER) for wire in link.parent):
        yield _fault(CLONED, node, _URGENT, "The parent listens to another process that speaks for this node: a clone")
    for code, child in link.children.items():
        since, last = child.refused or (seen.condition.at, seen.condition.at)
        if (last - since).total_seconds() > CLONE_SHOWS_AFTER and not seen.is_past(last, _silence(seen)):
            yield _fault(CLONED, code, _URGENT, f"Two processes speak for {code}, one of which is refused: a clone")


def _quarantined(seen: _Seen) -> Iterator[Fault]:
    for log in seen.condition.logs:
        if log.quarantined:
            text = f"{log.quarantined} events are held that cannot be shown in the tables"
            yield _fault(QUARANTINE, _name(log), _SERIOUS, text)
    if batches := seen.condition.held_batches:
        text = f"{batches} batches of neighbours are held that could not be taken"
        yield _fault(QUARANTINE, f"{seen.condition.node} batches", _SERIOUS, text)


def _dropped(seen: _Seen) -> Iterator[Fault]:
    for one in seen.condition.dropped_batches:
        if not seen.is_past(one.last_at, DROP_SHOWS_FOR):
            text = f"{one.count} held batches had to make room for newer ones, the last at {_time(one.last_at)}"
            yield _fault(DROPPED, one.child, _URGENT, text)


def _unsealed(seen: _Seen) -> Iterator[Fault]:
    """Since the node was started: it is given back once, so that the fault cannot end by itself."""
    if times := seen.condition.link.tally.get(NOT_OURS, 0):
        text = f"{times} times a child gave back events of this node's logs that do not bear its seal"
        yield _fault(UNSEALED, seen.condition.node, _URGENT, text)


def _differing(seen: _Seen) -> Iterator[Fault]:
    verification = seen.condition.link.verification
    if verification is not None and verification.open:
        text = f"{len(verification.open)} rows are not as they must be here or at the parent"
        yield _fault(DIFFERENT, f"{verification.here} {verification.there}", _SERIOUS, text)


def _unverified(seen: _Seen) -> Iterator[Fault]:
    verification = seen.condition.link.verification
    since = None if verification is None else verification.incomplete_since
    if verification is not None and since is not None and seen.is_past(since, INCOMPLETE_SHOWS_AFTER):
        why = "; ".join(verification.not_compared)[:TROUBLE_MAX]
        text = f"What is here and at the parent has not been compared in full since {_time(since)}. {why}"
        yield _fault(UNVERIFIED, f"{verification.here} {verification.there}", _SERIOUS, text)


def _unwritable(seen: _Seen) -> Iterator[Fault]:
    for stream, reason in seen.condition.link.unwritable.items():
        text = f"The nats-server takes no messages into this stream, which is made anew when it can be: {reason}"
        yield _fault(BROKER, f"{seen.condition.node} {stream}", _URGENT, text)


def _clocks(seen: _Seen) -> Iterator[Fault]:
    link, most = seen.condition.link, seen.thresholds.clock_seconds
    offsets = [(code, child.clock_offset) for code, child in link.children.items()]
    offsets += [(link.parent_code or "", wire.clock_offset) for wire in link.parent]
    for code, offset in offsets:
        if offset is not None and abs(offset) > most:
            where = "ahead of" if offset > 0 else "behind"
            yield _fault(CLOCK, code, _SERIOUS, f"The clock of {code} is {abs(offset):.0f} s {where} this node's")
    for code, last in seen.condition.clocks_ahead.items():
        if not seen.is_past(last, _silence(seen)):
            yield _fault(CLOCK, code, _SERIOUS, f"Events of {code} come from the future: its clock is ahead")


def _devices(seen: _Seen) -> Iterator[Fault]:
    for one in seen.condition.devices:
        offset = one.clock_offset_seconds
        if one.silent:
            since = "it was enrolled" if one.last_heard_at is None else _time(one.last_heard_at)
            text = f"This device has said nothing since {since}"
            yield _fault(DEVICE_SILENT, one.code, _SERIOUS, text)
        if offset is not None and abs(offset) > seen.thresholds.device_clock_seconds:
            where = "ahead of" if offset > 0 else "behind"
            text = f"The clock of this device is {abs(offset):.0f} s {where} this node's"
            yield _fault(DEVICE_CLOCK, one.code, _MINOR, text)


def _certificates(seen: _Seen) -> Iterator[Fault]:
    for one in seen.condition.certificates:
        left = one.expires_at - seen.condition.at
        if left < timedelta(days=seen.thresholds.certificate_days):
            priority = _MINOR if left > timedelta(0) else _URGENT
            yield _fault(
                CERTIFICATE, one.owner, priority, f"The certificate of {one.owner} ends {_time(one.expires_at)}"
            )


def _disk(seen: _Seen) -> Iterator[Fault]:
    disk, node = seen.condition.disk, seen.condition.node
    if disk is None:
        return
    free = f"{disk.left * 100 // disk.room} % of the disk are free: {disk.left >> 20} MiB"
    if disk.is_below(seen.thresholds.disk_percent):
        yield _fault(DISK, node, _URGENT, free)
    step = shed(disk, seen.thresholds) if seen.condition.sheds else Shed.NOTHING
    for given_up, (label, text) in _GIVEN_UP.items():
        if given_up <= step:
            yield _fault(DISK, f"{node} {label}", _URGENT, f"{free}. {text}")


_GIVEN_UP: Final = {
    Shed.PICTURES: ("pictures", "Pictures are not kept any more, and the oldest go"),
    Shed.EXTRAS: ("extras", "Pushes that cannot be read are counted and not kept"),
    Shed.HISTORY: ("history", "Events that the centre has confirmed go before their time"),
}


_RULES: Final[tuple[Callable[[_Seen], Iterator[Fault]], ...]] = (
    _silent_parent,
    _silent_children,
    _mute_children,
    _stuck,
    _standing_still,
    _forked,
    _cloned,
    _quarantined,
    _dropped,
    _unsealed,
    _differing,
    _unverified,
    _unwritable,
    _clocks,
    _devices,
    _certificates,
    _disk,
)


def _fault(cause: str, label: str, priority: int, text: str) -> Fault:
    return Fault(cause=cause, label=label, text=text, priority=priority)


def _heard(wire: WireStatus, seen: _Seen) -> datetime:
    return wire.answered_at or seen.since


def _silence(seen: _Seen) -> int:
    return seen.thresholds.silent_seconds


def _weight(channel: str) -> int:
    return _URGENT if channel == ALARMS else _SERIOUS


def _name(log: LogStatus) -> str:
    return f"{log.origin} {log.channel}"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
