"""What is looked up of objects: their card, and whose registrations an answer covers."""

import strawberry

from api.context import Info
from api.fields import computed
from api.numbers import Int64
from api.objects.alarms import Alarm
from api.objects.corrections import Traveller
from api.objects.crossing_words import MemberRole
from api.objects.identifiers import Identifier
from api.objects.lens import described, lens
from api.objects.occurrences import Occurrence
from api.objects.registrations import Registration
from api.objects.screenings import Match
from bus import lookups
from bus.catalogue import FACTS
from bus.lookups import CARD_MAX, COMPANIONS_MAX
from domain.registrations import model


@strawberry.type(description="Whose registrations an answer covers.")
class Coverage:
    """Whose registrations an answer covers."""

    node: str = strawberry.field(description="Code of the node that answers.")
    is_all: bool = strawberry.field(
        description="False at a site: it knows what it holds itself; ask its parent for all."
    )

    @computed(list[str], "Codes of the nodes of which it holds registrations, however old.")
    async def nodes(self, info: Info) -> list[str]:
        """Return whose facts are held here, and the node itself."""
        statuses = await info.context.doors.views.statuses()
        return sorted({self.node, *(each.origin for each in statuses if each.channel == FACTS)})


@lens(lookups.Tally, description="How often an object was put on record at a site in one direction, until now.")
class RegistrationTally:
    """How often an object was registered."""

    node: str = described("Code of the site.")
    direction: str = described("`inbound` or `outbound`.")
    day: Int64 = described("In the last 24 hours.")
    week: Int64 = described("In the last 7 days.")
    month: Int64 = described("In the last 30 days.")
    year: Int64 = described("In the last 365 days.")


@lens(lookups.Together, description="An object that was registered together with the one of the card.")
class CardCompanion:
    """A companion on a card."""

    times: int = described(f"In how many of the newest {CARD_MAX} registrations.")

    @computed(Registration, "Its registration of the last time.")
    def registration(self, root: strawberry.Parent[lookups.Together]) -> model.Registration:
        """Return the newest registration."""
        return root.companion.registration

    @computed(MemberRole, "As what it took part the last time.")
    def role(self, root: strawberry.Parent[lookups.Together]) -> MemberRole:
        """Return the role of the last time."""
        return root.companion.role


@lens(lookups.Card, description="An object at a glance, as this node knows it.")
class Card:
    """The card of an object."""

    identifiers: list[Identifier] = described(f"All of its newest {CARD_MAX} registrations, each once.")
    traveller: Traveller | None = described("What the newest travel document says; null for what has none.")
    registrations: list[Registration] = described(f"The newest on record first, at most {CARD_MAX}.")
    tallies: list[RegistrationTally] = described("How often it was put on record, by site and direction.")
    companions: list[CardCompanion] = described(
        f"With whom it was registered, whoever was there most often first; at most {COMPANIONS_MAX}."
    )
    alarms: list[Alarm] = described(f"About its registrations of 365 days, the newest first, at most {CARD_MAX}.")
    matches: list[Match] = described(f"Of its newest {CARD_MAX} registrations, each once.")
    occurrences: list[Occurrence] = described(
        f"About its registrations of 365 days, the newest first, at most {CARD_MAX}."
    )

    @computed(Coverage, "Whose registrations were looked at.")
    def coverage(self, info: Info) -> Coverage:
        """Return what this node can know."""
        return coverage(info)


def coverage(info: Info) -> Coverage:
    """Return whose registrations this node knows."""
    doors = info.context.doors
    return Coverage(node=doors.node, is_all=doors.role != "site")
