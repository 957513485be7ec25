"""Alarms, with a snapshot of all an officer must know."""

from datetime import datetime

import strawberry

from api.context import Info
from api.fields import computed
from api.objects.corrections import RegistrationCorrection
from api.objects.lens import Node, described, id_of, lens, optional_id_of
from domain.alarms import model
from domain.alarms.model import AlarmSource, AlarmState
from domain.registrations import model as registrations
from domain.registrations.model import ScreeningOutcome

strawberry.enum(AlarmSource, description="Where an alarm comes from.")
strawberry.enum(AlarmState, description="How far the handling of an alarm has come.")


@lens(model.MatchSnapshot, description="The entry that was met and how, as both were when the alarm was raised.")
class MatchSnapshot:
    """What an officer must know of the entry."""

    entry_id: strawberry.ID = id_of("WatchlistEntry", "entry_id", "The entry that was met.")
    title: str = described("Title of the entry.")
    category: str = described("What the entry asks to do.")
    instructions: str = described("What the officer is told.")
    tier: str = described("Strength of the evidence, T1 (strongest) to T4.")
    key: str = described("Which spelling was equal: `exact` or `folded` (look-alikes).")
    read: str = described("Canonical form of what was read.")
    matched: str = described("Canonical form of the entry's criterion.")


@lens(model.Alarm, description="Something that demands a response, with a snapshot of all it is about.")
class Alarm(Node):
    """An alarm."""

    id: strawberry.ID = id_of("Alarm")
    node: str = described("Code of the node that raised it and alone decides its transitions.")
    source: AlarmSource = described("Where it comes from.")
    cause: str = described("What it was raised for; one alarm is open per object and cause, but for stronger evidence.")
    lane: str = described("Code of the lane; empty for faults of the installation.")
    label: str = described("The object as an officer calls it.")
    registration_id: strawberry.ID | None = optional_id_of(
        "Registration", "registration_id", "The registration it is about; null for an officer's own alarm."
    )
    priority: int = described("1 (highest) to 3.")
    text: str = described("What it is about, in a line.")
    late: bool = described("Raised so long after the fact that the object may be gone.")
    raised_at: datetime = described("When it was raised.")
    match: MatchSnapshot | None = described("The match it was raised for, if that is what it is.")
    state: AlarmState = described("How far its handling has come.")
    repeats: int = described("How often the same object met the same cause since.")
    acknowledged_by: str = described("Who took it; empty until then.")
    acknowledged_at: datetime | None = described("When it was taken.")
    ended_at: datetime | None = described(
        "When its cause was gone: of faults that end by themselves, and of anomalies that were explained."
    )

    @computed(
        RegistrationCorrection | None,
        "The newest correction of the registration it is about, where that was made since, or the alarm is misread.",
    )
    async def correction(self, info: Info, root: strawberry.Parent[model.Alarm]) -> registrations.Correction | None:
        """Return the correction; lists of alarms ask for all registrations at once."""
        registration = await _registration(root, info)
        if registration is None or not registration.corrections:
            return None
        newest = registration.corrections[-1]
        return newest if newest.at >= root.raised_at or _is_misread(root, registration) else None

    @computed(
        bool,
        "Whether it rests on a misreading alone: its registration was corrected, and what that says now was"
        " checked and does not meet the entry. It stays until somebody takes it.",
    )
    async def is_misread(self, info: Info, root: strawberry.Parent[model.Alarm]) -> bool:
        """Tell whether the entry is met no more."""
        registration = await _registration(root, info)
        return registration is not None and _is_misread(root, registration)


async def _registration(alarm: model.Alarm, info: Info) -> registrations.Registration | None:
    return None if alarm.registration_id is None else await info.context.registrations.load(alarm.registration_id)


def _is_misread(alarm: model.Alarm, registration: registrations.Registration) -> bool:
    """Tell whether an alarm is for a match that was corrected away; it may have been raised only after that.

    What was not corrected and meets its entry no more, since that was withdrawn, was read rightly.
    """
    if alarm.match is None or not registration.corrections:
        return False
    if any(each.canonical == alarm.match.read for each in registration.uncorrected):
        return False
    met = {match.entry_id for match in registration.screening.matches}
    return registration.screening.outcome is ScreeningOutcome.CHECKED and alarm.match.entry_id not in met
