"""Crossings: what they are made of, what was done with them, what is required and what is odd."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import cast

import strawberry

from api.context import Info
from api.fields import computed
from api.ids import global_id
from api.objects.crossing_words import (
    ActKind,
    CrossingState,
    DocumentKind,
    MemberRole,
    Outcome,
    Service,
    WeightSource,
)
from api.objects.lens import Node, described, id_of, lens, optional_id_of
from api.objects.organisation_words import Subsystem, TrafficKind
from api.objects.positions import Position
from api.objects.registrations import Registration
from domain.crossings import clearance, measured, model, notices, parts, profiles, rules
from domain.registrations import model as registrations


@lens(parts.Member, description="A registered object that takes part in a crossing.")
class CrossingMember:
    """A member of a crossing."""

    registration_id: strawberry.ID = id_of("Registration", "registration_id", "Its registration.")
    role: MemberRole = described("As what it takes part.")
    seals: list[str] = described("Seals on it.")

    @computed(Registration | None, "The registration; null where it is erased, or not at this node.")
    async def registration(self, info: Info) -> registrations.Registration | None:
        """Return the registration; all that are asked for are looked up at once."""
        return await info.context.registrations.load(str(self.registration_id))


@lens(parts.GoodsLine, description="Goods of one kind.")
class CrossingGoods:
    """Goods of one kind."""

    number: int = described("Within the crossing; never given twice.")
    code: str = described("Of the tariff: HS, CN or TARIC; empty when it is not known.")
    description: str = described("What they are.")
    packages: int | None = described("How many packages; null when not known.")
    gross_kg: float | None = described("Gross mass in kilograms; null when not known.")
    un_number: str = described("UN number of dangerous goods; empty for others.")
    doubts: list[str] = described("Which of `code` and `un_number` does not have the shape that it should have.")


@lens(parts.Document, description="A paper that was shown.")
class CrossingDocument:
    """A paper that was shown."""

    number: int = described("Within the crossing; never given twice.")
    kind: DocumentKind = described("What kind of paper it is.")
    text: str = described("Its number as given.")
    canonical: str = described("The form in which two spellings of it are equal.")
    check: str = described("`holds`, `fails`, or `none` where there is nothing to check by.")


@lens(parts.Weight, description="A weight that an officer typed: what a scale said, or a declaration.")
class CrossingWeight:
    """A weight."""

    number: int = described("Within the crossing; never given twice.")
    total_kg: float = described("In kilograms.")
    axles_kg: list[float] = described("Of each axle, from the front, in kilograms; empty when not weighed one by one.")
    measured: bool = described("Weighed; else declared.")


@lens(measured.Weighing, description="A measured weight of a crossing, and who says so.")
class CrossingWeighing:
    """A measured weight."""

    source: WeightSource = described("Who says so.")
    by: str = described("Code of the scale, or the officer who typed it.")
    at: datetime = described("When it was weighed, or typed.")
    total_kg: float = described("In kilograms.")
    axles_kg: list[float] = described("Of each axle, from the front, in kilograms; empty when not weighed one by one.")
    number: int | None = described("Of the weight that was typed; null for a scale.")
    measurement_id: strawberry.ID | None = optional_id_of(
        "Measurement", "measurement_id", "What the scale measured; null for what was typed."
    )
    registration_id: strawberry.ID | None = optional_id_of(
        "Registration", "registration_id", "The member that was weighed; null for what was typed."
    )


@lens(parts.Check, description="What somebody has found, or decided, of a requirement or a control.")
class CrossingCheck:
    """A check."""

    requirement: str = described("Code of the requirement; `control` for a control.")
    outcome: Outcome = described("What it came to.")
    by: str = described("Who checked or decided.")
    at: datetime = described("When.")
    reason: str = described("Why; may be empty for a result.")
    shown: str = described("Number of the certificate or licence that was shown, if any.")


@lens(parts.Parts, description="What a crossing is made of, or what one act has put into it or taken out of it.")
class CrossingParts:
    """Parts of a crossing."""

    members: list[CrossingMember] = described("Vehicles, persons, containers.")
    goods: list[CrossingGoods] = described("Goods, by number.")
    documents: list[CrossingDocument] = described("Papers, by number.")
    weights: list[CrossingWeight] = described("Weights, by number.")
    checks: list[CrossingCheck] = described("Checks of what is required.")
    lane: str | None = described("Code of the lane.")
    direction: str | None = described("`inbound` or `outbound`.")
    at: datetime | None = described("When the objects were there.")
    position: Position | None = described("Where it was; of controls inland.")
    empty: bool | None = described("The vehicle carries no goods; null when nobody has said.")
    cash_eur: int | None = described("Cash that was declared, in euros.")
    pets: int | None = described("How many pets travel along.")


@lens(model.Act, description="What an officer did: from one version of a crossing to the next.")
class CrossingAct:
    """An act."""

    number: int = described("The version of the crossing since.")
    kind: ActKind = described("What was done.")
    by: str = described("Who did it.")
    at: datetime = described("When.")
    before: CrossingState = described("State of the crossing before.")
    after: CrossingState = described("State of the crossing since.")
    reason: str = described("Why; may be empty.")
    code: str = described("Reason of a refusal, result of a control, requirement that was checked; else empty.")
    put: CrossingParts = described("What it put into the crossing.")
    took: CrossingParts = described("What it took out; of a correction: what was said first.")
    undoes: int | None = described("Number of the act that it takes back.")


@lens(clearance.Requirement, description="What a crossing requires.")
class CrossingRequirement:
    """A requirement of the clearance."""

    code: str = described("Stable name of the requirement; `control` for a control it was sent to.")
    service: Service = described("Who checks it.")
    check: CrossingCheck | None = described("The check; null while it is open.")
    is_satisfied: bool = described("It does not stand against a release.")


@lens(notices.Notice, description="Something odd about a crossing: told, never a reason to refuse.")
class CrossingNotice:
    """Something odd."""

    code: str = described("What it is; it never changes.")

    @computed(
        str,
        "Number of the part, id of the registration or measurement, code of the requirement, the decree, or how many;"
        " or empty.",
    )
    def about(self) -> str:
        """Return it as the caller knows it."""
        notice = cast("notices.Notice", self)
        if notice.code in notices.OF_REGISTRATIONS:
            return global_id("Registration", notice.about)
        return global_id("Measurement", notice.about) if notice.code in notices.OF_MEASUREMENTS else notice.about


@lens(model.Crossing, description="Vehicles, persons and cargo that pass together, in one direction, at one time.")
class Crossing(Node):
    """A crossing."""

    id: strawberry.ID = id_of("Crossing")
    node: str = described("Code of the site, which alone may change it.")
    subsystem: Subsystem = described("Whose profile it follows.")
    state: CrossingState = described("How far it has come.")
    version: int = described("How many acts there were; an officer who acts says which version was seen.")
    officer: str = described("Who acted last.")
    opened_by: str = described("Who opened it.")
    opened_at: datetime = described("When it was opened.")
    decided_at: datetime | None = described("When it was released, refused or cancelled; null while it is under way.")
    lane: str = described("Code of the lane.")
    direction: str = described("`inbound` or `outbound`.")
    parts: CrossingParts = described("What it is made of now.")
    acts: list[CrossingAct] = described("All that was done with it, oldest first; what was corrected stands there.")

    @computed(list[CrossingRequirement], "What must be checked before its release.")
    def requirements(self) -> Sequence[clearance.Requirement]:
        """Return what follows from its parts."""
        return clearance.requirements(_crossing(self))

    @computed(
        list[CrossingWeighing],
        "What it weighs: the newest weighing of any member by a scale, which is taken as it is on record, then what"
        " officers typed.",
    )
    async def weighings(self, info: Info) -> Sequence[measured.Weighing]:
        """Return the measured weights, each with who says so."""
        return measured.weighings(_crossing(self), await _measured(self, info))

    @computed(list[str], "What must be known before its release and is not, in the order of the steps.")
    async def missing(self, info: Info) -> Sequence[str]:
        """Return what its profile needs besides."""
        return profiles.missing(_crossing(self), await _measured(self, info))

    @computed(str, "The step that is next; empty when somebody has decided on it.")
    async def next_step(self, info: Info) -> str:
        """Return the step of its profile."""
        return profiles.next_step(_crossing(self), await _measured(self, info))

    @computed(list[CrossingNotice], "What is odd about it.")
    async def notices(self, info: Info) -> Sequence[notices.Notice]:
        """Return what an officer should look at again."""
        crossing, by_devices = _crossing(self), await _measured(self, info)
        found = notices.notices(crossing, by_devices)
        if not notices.asks_what_is_permitted(crossing, by_devices):
            return found
        decided = await info.context.permitted.load((crossing.node, crossing.lane))
        return (*found, *notices.of_mass(crossing, by_devices, decided))


@lens(profiles.Step, description="A step of an officer's work.")
class ProfileStep:
    """A step."""

    name: str = described("What is done.")
    needs: list[str] = described("What must be known after it.")


@lens(profiles.Profile, description="How a subsystem works.")
class SubsystemProfile:
    """A profile."""

    subsystem: Subsystem = described("Its label.")
    traffic: TrafficKind = described("The kind of traffic.")
    steps: list[ProfileStep] = described("The steps, in their order.")
    roles: list[MemberRole] = described("Which members are usual; others are noticed, not refused.")
    persons_usual: int = described("How many persons there usually are at most; more are noticed, not refused.")


@lens(rules.Rule, description="A line of the clearance: goods or circumstances, and what is required for them.")
class ClearanceRule:
    """A line of the clearance."""

    code: str = described("Stable name of the requirement.")
    service: Service = described("Who checks it.")
    prefixes: list[str] = described("Of tariff codes that meet it.")
    dangerous: bool = described("Goods with a UN number meet it.")
    documents: list[DocumentKind] = described("Papers that meet it.")
    transit: bool = described("An MRN of a transit procedure meets it.")
    cash: bool = described("Cash of 10,000 EUR or more meets it.")
    pets: bool = described("Any pet meets it.")
    direction: str = described("Only in this one; empty for both.")


def _crossing(shown: object) -> model.Crossing:
    assert isinstance(shown, model.Crossing)  # noqa: S101 - a lens shows the model itself
    return shown


async def _measured(shown: object, info: Info) -> measured.Measured:
    """Return what devices measured of a crossing; all crossings that are asked for are looked up at once."""
    crossing = _crossing(shown)
    of_members = await info.context.measurements.load_many(measured.measurable(crossing))
    return measured.measured(crossing, chain.from_iterable(of_members))
