"""Units, the posts they run, and the sites that stand at posts."""

from datetime import datetime

import strawberry

from api import entities
from api.context import Info
from api.fields import computed
from api.numbers import Int64
from api.objects.lens import Node, described, id_of, lens
from api.objects.organisation_traffic import PermittedTraffic
from api.objects.organisation_words import PostKind, Subsystem, UnitKind
from api.objects.positions import Position
from api.paging import USUAL_PAGE, After, Connection, First
from domain.organisation import places, traffic


@lens(places.Unit, description="A part of the administration.")
class Unit(Node):
    """A unit."""

    id: strawberry.ID = id_of("Unit", "code")
    code: str = described("Unique in the whole system.")
    kind: UnitKind = described("What it is.")
    name: str = described("Its name.")
    parent: str = described("Code of the unit above; empty for the highest.")
    customs_code: str = described("The six digits of a branch; empty where it has none.")
    eu_reference: str = described("Reference of a customs office in the Union; empty where it has no code.")
    seat: str = described("Town in which it sits; empty where nobody said.")
    ended_at: datetime | None = described("Since when there is none any more; null while there is.")
    version: Int64 = described("How often it was said what it is; who changes it may say which was seen.")


@lens(places.Post, description="A place where the frontier may be crossed; several sites may stand there.")
class Post(Node):
    """A post."""

    id: strawberry.ID = id_of("Post", "code")
    code: str = described("Unique in the whole system.")
    name: str = described("Its name.")
    neighbour: str = described("Name of the neighbour's side.")
    border: str = described("Country of the neighbour, two letters.")
    unit: str = described("Code of the unit that runs it.")
    kinds: list[PostKind] = described("By what the frontier is crossed here.")
    position: Position | None = described("Where it is; null where nobody said.")
    note: str = described("What else there is to know.")
    ended_at: datetime | None = described("Since when there is none any more; null while there is.")
    version: Int64 = described("How often it was said what it is; who changes it may say which was seen.")

    @computed(Connection[PermittedTraffic], "What was decided of its traffic, the newest decision first.")
    async def permitted_traffic(
        self, info: Info, first: First = USUAL_PAGE, after: After = None
    ) -> Connection[traffic.PermittedTraffic]:
        """Return the history of what it permits."""
        decided = traffic.PermittedTraffic
        return await entities.listed(info, decided, "PermittedTraffic", first, after, post=self.code)


@lens(places.Site, description="The node of one place.")
class Site(Node):
    """A site."""

    id: strawberry.ID = id_of("Site", "code")
    code: str = described("Code of its node.")
    name: str = described("Its name.")
    unit: str = described("Code of the unit to which it belongs.")
    post: str = described("Code of the post at which it stands; empty for a patrol.")
    subsystems: list[Subsystem] = described("What is switched on there.")
    ended_at: datetime | None = described("Since when there is none any more; null while there is.")
    version: Int64 = described("How often it was said what it is; who changes it may say which was seen.")
