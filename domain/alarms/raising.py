"""What of others' events becomes an alarm, with a snapshot of all an officer must know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.alarms.model import NOT_PERMITTED, RADIATION, TECHNICAL, Alarm, AlarmSource, Fault, MatchSnapshot
from domain.alarms.ports import AlarmsChange
from domain.identifiers.identifier import Identifier
from domain.organisation.events import Reason
from domain.registrations.events import (
    Match,
    Measurement,
    MeasurementPlaced,
    PassagesLinked,
    QuarantineFilled,
    Radiation,
    RadiationTaken,
    Registered,
    Registration,
    RegistrationCorrected,
    Rescreened,
    Screening,
    ScreeningOutcome,
    TrainSighting,
)

FAULT_PRIORITY = 1
ANOMALY_PRIORITY = 3
RADIATION_PRIORITY = 1
TRAFFIC_PRIORITY = 2


Screened = Registered | RegistrationCorrected | Rescreened
"""What matched something against the watchlist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    registration_id: str | None
    lane: str
    label: str
    late: bool


def calls_for_alarm(event: Screened) -> bool:
    """Tell whether a screening found something, or could not be made."""
    _, screening = _of(event)
    return bool(screening.matches) or screening.outcome is ScreeningOutcome.NOT_CHECKED


def from_screening(event: Screened, change: AlarmsChange) -> Iterator[Alarm]:
    """Yield an alarm per entry met, by its strongest match, and one for a check that could not be made."""
    subject, screening = _of(event)
    seen: set[str] = set()
    for match in sorted(screening.matches, key=lambda match: match.tier):
        if match.entry_id not in seen:
            seen.add(match.entry_id)
            yield _from_match(match, subject, change)
    if screening.outcome is ScreeningOutcome.NOT_CHECKED:
        yield _alarm(
            subject,
            change,
            source=AlarmSource.FAULT,
            cause="screening:not_checked",
            priority=FAULT_PRIORITY,
            text=f"Not checked against the watchlist: {screening.reason}",
        )


def from_linked_passages(event: PassagesLinked, change: AlarmsChange) -> Alarm:
    """Return the anomaly of one vehicle that stands on record twice."""
    subject = _Subject(registration_id=event.registration_id, lane=event.lane, label=event.label, late=False)
    return _alarm(
        subject,
        change,
        source=AlarmSource.ANOMALY,
        cause=f"passages_linked:{event.linked_registration_id}",
        priority=ANOMALY_PRIORITY,
        text="A later reading shows that two registrations are of one vehicle",
    )


def is_radiation_alarm(event: RadiationTaken | MeasurementPlaced) -> bool:
    """Tell whether a portal sounded an alarm while something stood in it."""
    _, radiation = _of_measurement(event)
    return radiation is not None and radiation.is_alarming


def from_radiation(event: RadiationTaken | MeasurementPlaced, change: AlarmsChange) -> Iterator[Alarm]:
    """Yield an alarm for each kind of radiation for which a portal sounded one, with all that it said of it."""
    subject, radiation = _of_measurement(event)
    said: dict[str, list[str]] = {}
    for each in radiation.alarms if radiation else ():
        said.setdefault(each.category, []).append(each.description)
    nuclides = radiation.nuclides if radiation else ()
    for category, descriptions in said.items():
        yield _alarm(
            subject,
            change,
            source=AlarmSource.ANOMALY,
            cause=f"{RADIATION}{category}",
            priority=RADIATION_PRIORITY,
            text="; ".join(filter(None, (f"Radiation: {category}", *dict.fromkeys(descriptions), ", ".join(nuclides)))),
        )


def _of_measurement(event: RadiationTaken | MeasurementPlaced) -> tuple[_Subject, Radiation | None]:
    placed = event if isinstance(event, MeasurementPlaced) else event.measurement
    subject = _Subject(registration_id=placed.registration_id, lane=placed.lane, label=event.label, late=placed.late)
    return subject, placed.radiation


def tells_country(event: RegistrationCorrected | Rescreened) -> bool:
    """Tell whether a reading of a vehicle, or a correction, told of a country."""
    return country_told(event) is not None


def country_told(event: RegistrationCorrected | Rescreened) -> str | None:
    """Return the country of the plate that a reading told, or that a correction told anew; None: of none."""
    if isinstance(event, Rescreened):
        return _country_of(event.identifiers) if event.seen_at is not None else None
    before, after = (_country_of(said.identifiers) for said in (event.correction.before, event.correction.after))
    return after if after != before else None


def _country_of(identifiers: Sequence[Identifier]) -> str | None:
    return next((one.country for one in identifiers[:1] if one.kind == "plate"), None)


def from_traffic(event: Screened, reasons: Sequence[Reason], change: AlarmsChange) -> Alarm:
    """Return the anomaly of a vehicle that its post does not permit."""
    subject, _ = _of(event)
    return _not_permitted(subject, reasons, change)


def from_class(seen: Registration, reasons: Sequence[Reason], change: AlarmsChange) -> Alarm:
    """Return the same for what the readings of a vehicle tell of its class."""
    return _not_permitted(_subject(seen), reasons, change)


def from_seen_train(seen: TrainSighting, reasons: Sequence[Reason], change: AlarmsChange) -> Alarm:
    """Return the anomaly of a train that its post does not permit; it is told by the portal's number of it."""
    subject = _Subject(registration_id=None, lane=seen.lane, label=seen.train, late=seen.late)
    return _not_permitted(subject, reasons, change)


def from_mass(weighed: Measurement, label: str, reasons: Sequence[Reason], change: AlarmsChange) -> Alarm:
    """Return the anomaly of a vehicle that is heavier than its post permits."""
    subject = _Subject(registration_id=weighed.registration_id, lane=weighed.lane, label=label, late=weighed.late)
    return _not_permitted(subject, reasons, change)


def _not_permitted(subject: _Subject, reasons: Sequence[Reason], change: AlarmsChange) -> Alarm:
    told = sorted(
        f"{reason.objection.value} ({reason.decision.decree})" if reason.decision else reason.objection.value
        for reason in reasons
    )
    return _alarm(
        subject,
        change,
        source=AlarmSource.ANOMALY,
        cause=NOT_PERMITTED,
        priority=TRAFFIC_PRIORITY,
        text=f"This traffic is not permitted here: {', '.join(told)}",
    )


def from_filled_quarantine(event: QuarantineFilled, change: AlarmsChange) -> Alarm:
    """Return the fault of a device that sends more of what cannot be taken than can be kept."""
    return _alarm(
        _Subject(registration_id=None, lane=event.lane, label=event.device, late=False),
        change,
        source=AlarmSource.FAULT,
        cause="quarantine:full",
        priority=FAULT_PRIORITY,
        text=f"Quarantine is full: {event.held} pushes, {event.size} bytes; what cannot be read is no longer kept",
    )


def from_fault(fault: Fault, change: AlarmsChange) -> Alarm:
    """Return the alarm of a fault of the installation: it is of no lane."""
    return _alarm(
        _Subject(registration_id=None, lane="", label=fault.label, late=False),
        change,
        source=AlarmSource.FAULT,
        cause=TECHNICAL + fault.cause,
        priority=fault.priority,
        text=fault.text,
    )


def _of(event: Screened) -> tuple[_Subject, Screening]:
    if not isinstance(event, Registered):
        label = event.label if isinstance(event, Rescreened) else event.correction.after.label
        subject = _Subject(registration_id=event.registration_id, lane=event.lane, label=label, late=event.late)
        return subject, event.screening
    return _subject(event.registration), event.registration.screening


def _subject(seen: Registration) -> _Subject:
    return _Subject(registration_id=seen.id, lane=seen.lane, label=seen.label, late=seen.late)


def _from_match(match: Match, subject: _Subject, change: AlarmsChange) -> Alarm:
    snapshot = MatchSnapshot(
        entry_id=match.entry_id,
        title=match.title,
        category=match.category,
        instructions=match.instructions,
        tier=match.tier,
        key=match.key,
        read=match.read,
        matched=match.matched,
    )
    return _alarm(
        subject,
        change,
        source=AlarmSource.MATCH,
        cause=f"entry:{match.entry_id}",
        priority=match.priority,
        text=match.title,
        match=snapshot,
    )


def _alarm(
    subject: _Subject,
    change: AlarmsChange,
    *,
    source: AlarmSource,
    cause: str,
    priority: int,
    text: str,
    match: MatchSnapshot | None = None,
) -> Alarm:
    return Alarm(
        id=change.new_id(),
        node=change.node,
        source=source,
        cause=cause,
        lane=subject.lane,
        label=subject.label,
        registration_id=subject.registration_id,
        priority=priority,
        text=text,
        late=subject.late,
        raised_at=change.now,
        match=match,
    )
