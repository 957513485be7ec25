"""Units, posts and sites: looked at, at every node; set up, changed and ended at the centre alone."""

from typing import Annotated
from uuid import UUID

import strawberry

from api import entities
from api.context import Info
from api.fields import ask, look
from api.ids import parted
from api.mutations import Input, idempotency_key
from api.numbers import Int64
from api.objects.organisation_places import Post, Site, Unit
from api.objects.organisation_words import PostKind, Subsystem, UnitKind
from api.organisation import LOOK, WRITE
from api.paging import USUAL_PAGE, After, Connection, First, Id
from api.positions import PositionInput
from api.problems import AnyProblem
from api.refusals import IdMalformed
from domain.organisation import places
from domain.organisation.commands import EndPart, PartKind, PlacePost, PlaceSite, PlaceUnit

_NEW = "A new one; false: say anew all of one that is there."
_SEEN = "The version that was looked at: refused when it has been changed since. Null: whatever it is now."
_PARTS = {
    "Unit": PartKind.UNIT,
    "Post": PartKind.POST,
    "Site": PartKind.SITE,
    "Lane": PartKind.LANE,
    "Checkpoint": PartKind.CHECKPOINT,
    "Leg": PartKind.LEG,
}


@strawberry.type
class PlacesQuery:
    """What can be looked up."""

    @look(Unit | None, LOOK, "One unit, or null.")
    async def unit(self, info: Info, id_: Id) -> places.Unit | None:
        return await entities.one(info, places.Unit, "Unit", id_)

    @look(Connection[Unit], LOOK, "Units by their codes, descending; those that have ended, too.")
    async def units(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        parent: Annotated[
            str | None,
            strawberry.argument(description="Only those right below the unit of this code; empty: below none."),
        ] = None,
        kind: Annotated[UnitKind | None, strawberry.argument(description="Only of this kind.")] = None,
    ) -> Connection[places.Unit]:
        return await entities.listed(info, places.Unit, "Unit", first, after, parent=parent, kind=kind)

    @look(Post | None, LOOK, "One post, or null.")
    async def post(self, info: Info, id_: Id) -> places.Post | None:
        return await entities.one(info, places.Post, "Post", id_)

    @look(Connection[Post], LOOK, "Posts by their codes, descending; those that have ended, too.")
    async def posts(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        border: Annotated[
            str | None, strawberry.argument(description="Only those at the frontier with this country.")
        ] = None,
        unit: Annotated[str | None, strawberry.argument(description="Only those that this unit runs.")] = None,
    ) -> Connection[places.Post]:
        return await entities.listed(info, places.Post, "Post", first, after, border=border, unit=unit)

    @look(Site | None, LOOK, "One site, or null.")
    async def site(self, info: Info, id_: Id) -> places.Site | None:
        return await entities.one(info, places.Site, "Site", id_)

    @look(Connection[Site], LOOK, "Sites by their codes, descending; those that have ended, too.")
    async def sites(
        self,
        info: Info,
        *,
        first: First = USUAL_PAGE,
        after: After = None,
        post: Annotated[str | None, strawberry.argument(description="Only those that stand at this post.")] = None,
        unit: Annotated[str | None, strawberry.argument(description="Only those of this unit.")] = None,
    ) -> Connection[places.Site]:
        return await entities.listed(info, places.Site, "Site", first, after, post=post, unit=unit)


@strawberry.input(description="All of a unit.")
class UnitPlaceInput:
    """All of a unit."""

    idempotency_key: UUID = idempotency_key()
    is_new: bool = strawberry.field(description=_NEW)
    seen: Int64 | None = strawberry.field(default=None, description=_SEEN)
    code: str = strawberry.field(description="Unique in the whole system, and never given again.")
    kind: UnitKind = strawberry.field(description="What it is.")
    name: str = strawberry.field(description="Its name.")
    parent: str = strawberry.field(default="", description="Code of the unit above; empty for the highest.")
    customs_code: str = strawberry.field(default="", description="The six digits of a branch, if it has one.")
    seat: str = strawberry.field(default="", description="Town in which it sits.")


@strawberry.input(description="All of a post.")
class PostPlaceInput:
    """All of a post."""

    idempotency_key: UUID = idempotency_key()
    is_new: bool = strawberry.field(description=_NEW)
    seen: Int64 | None = strawberry.field(default=None, description=_SEEN)
    code: str = strawberry.field(description="Unique in the whole system, and never given again.")
    name: str = strawberry.field(description="Its name.")
    neighbour: str = strawberry.field(default="", description="Name of the neighbour's side.")
    border: str = strawberry.field(description="Country of the neighbour, two letters.")
    unit: str = strawberry.field(description="Code of the unit that runs it.")
    kinds: list[PostKind] = strawberry.field(description="By what the frontier is crossed here.")
    position: PositionInput | None = strawberry.field(default=None, description="Where it is.")
    note: str = strawberry.field(default="", description="What else there is to know, up to 4000 characters.")


@strawberry.input(description="All of a site.")
class SitePlaceInput:
    """All of a site."""

    idempotency_key: UUID = idempotency_key()
    is_new: bool = strawberry.field(description=_NEW)
    seen: Int64 | None = strawberry.field(default=None, description=_SEEN)
    code: str = strawberry.field(description="Code of its node, and never given again.")
    name: str = strawberry.field(description="Its name.")
    unit: str = strawberry.field(description="Code of the unit to which it belongs.")
    post: str = strawberry.field(default="", description="Code of the post at which it stands; empty for a patrol.")
    subsystems: list[Subsystem] = strawberry.field(default_factory=list, description="What is switched on there.")


@strawberry.input(description="Which unit, post, site, lane, checkpoint or leg ends, and why.")
class PartEndInput:
    """What ends, and why."""

    idempotency_key: UUID = idempotency_key()
    id: strawberry.ID = strawberry.field(description="The id of the unit, post, site, lane, checkpoint or leg.")
    reason: str = strawberry.field(description="Why it ends.")


@strawberry.type(description="The unit is as it was said; other nodes hear of it.")
class UnitSuccess:
    """The unit is as it was said."""

    unit: places.Unit = strawberry.field(graphql_type=Unit, description="The unit.")


@strawberry.type(description="The post is as it was said; other nodes hear of it.")
class PostSuccess:
    """The post is as it was said."""

    post: places.Post = strawberry.field(graphql_type=Post, description="The post.")


@strawberry.type(description="The site is as it was said; it hears of it.")
class SiteSuccess:
    """The site is as it was said."""

    site: places.Site = strawberry.field(graphql_type=Site, description="The site.")


@strawberry.type(description="It has ended.")
class PartEndSuccess:
    """It has ended."""

    id: strawberry.ID = strawberry.field(description="Its id.")


UnitResult = Annotated[UnitSuccess | AnyProblem, strawberry.union("UnitResult", description="The unit, or why not.")]
PostResult = Annotated[PostSuccess | AnyProblem, strawberry.union("PostResult", description="The post, or why not.")]
SiteResult = Annotated[SiteSuccess | AnyProblem, strawberry.union("SiteResult", description="The site, or why not.")]
PartEndResult = Annotated[
    PartEndSuccess | AnyProblem, strawberry.union("PartEndResult", description="That it has ended, or why not.")
]


@strawberry.type
class PlacesMutation:
    """What can be asked."""

    @ask(UnitResult, WRITE, "Set up a unit, or change one.")
    async def unit_place(self, info: Info, wish: Input[UnitPlaceInput]) -> UnitSuccess:
        unit = places.Unit(
            code=wish.code,
            kind=wish.kind,
            name=wish.name,
            parent=wish.parent,
            customs_code=wish.customs_code,
            seat=wish.seat,
        )
        command = PlaceUnit(unit=unit, is_new=wish.is_new, seen=wish.seen)
        return UnitSuccess(unit=await info.context.dispatch(command, wish.idempotency_key))

    @ask(PostResult, WRITE, "Set up a post, or change one.")
    async def post_place(self, info: Info, wish: Input[PostPlaceInput]) -> PostSuccess:
        post = places.Post(
            code=wish.code,
            name=wish.name,
            neighbour=wish.neighbour,
            border=wish.border,
            unit=wish.unit,
            kinds=tuple(wish.kinds),
            position=None if wish.position is None else wish.position.read(),
            note=wish.note,
        )
        command = PlacePost(post=post, is_new=wish.is_new, seen=wish.seen)
        return PostSuccess(post=await info.context.dispatch(command, wish.idempotency_key))

    @ask(SiteResult, WRITE, "Set up a site, or change one.")
    async def site_place(self, info: Info, wish: Input[SitePlaceInput]) -> SiteSuccess:
        site = places.Site(
            code=wish.code,
            scope=wish.code,
            name=wish.name,
            unit=wish.unit,
            post=wish.post,
            subsystems=tuple(wish.subsystems),
        )
        command = PlaceSite(site=site, is_new=wish.is_new, seen=wish.seen)
        return SiteSuccess(site=await info.context.dispatch(command, wish.idempotency_key))

    @ask(PartEndResult, WRITE, "End a unit, post, site, lane, checkpoint or leg for good.")
    async def part_end(self, info: Info, wish: Input[PartEndInput]) -> PartEndSuccess:
        kind, key = parted(wish.id)
        if kind not in _PARTS:
            raise IdMalformed(path=("id",))
        await info.context.dispatch(EndPart(kind=_PARTS[kind], key=key, reason=wish.reason), wish.idempotency_key)
        return PartEndSuccess(id=wish.id)
