"""The ground plan of a site: looked at, at every node; lanes, checkpoints and legs set up and changed at the centre."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import strawberry

from api import entities
from api.context import Info
from api.fields import ask, look
from api.mutations import Input, idempotency_key
from api.numbers import Int64
from api.objects.organisation_layout import Checkpoint, Lane, Leg
from api.objects.organisation_words import CheckpointKind, TrafficKind, VehicleClass
from api.organisation import LOOK, WRITE
from api.paging import USUAL_PAGE, After, Connection, First, Id
from api.problems import AnyProblem
from domain.organisation import layout
from domain.organisation.commands import PlaceCheckpoint, PlaceLane, PlaceLeg

OfSite = Annotated[str | None, strawberry.argument(description="Only of the site of this code.")]

_SECONDS_MAX = 1e8
_NEW = "A new one; false: say anew all of one that is there."
_SEEN = "The version that was looked at: refused when it has been changed since. Null: whatever it is now."


@strawberry.type
class LayoutQuery:
    """What can be looked up."""

    @look(Lane | None, LOOK, "One lane, or null.")
    async def lane(self, info: Info, id_: Id) -> layout.Lane | None:
        return await entities.one(info, layout.Lane, "Lane", id_)

    @look(Connection[Lane], LOOK, "Lanes, the newest first; those that have ended, too.")
    async def lanes(
        self, info: Info, first: First = USUAL_PAGE, after: After = None, site: OfSite = None
    ) -> Connection[layout.Lane]:
        return await entities.listed(info, layout.Lane, "Lane", first, after, site=site)

    @look(Checkpoint | None, LOOK, "One checkpoint, or null.")
    async def checkpoint(self, info: Info, id_: Id) -> layout.Checkpoint | None:
        return await entities.one(info, layout.Checkpoint, "Checkpoint", id_)

    @look(Connection[Checkpoint], LOOK, "Checkpoints, the newest first; those that have ended, too.")
    async def checkpoints(
        self, info: Info, first: First = USUAL_PAGE, after: After = None, site: OfSite = None
    ) -> Connection[layout.Checkpoint]:
        return await entities.listed(info, layout.Checkpoint, "Checkpoint", first, after, site=site)

    @look(Leg | None, LOOK, "One leg, or null.")
    async def leg(self, info: Info, id_: Id) -> layout.Leg | None:
        return await entities.one(info, layout.Leg, "Leg", id_)

    @look(Connection[Leg], LOOK, "Legs, the newest first; those that have ended, too.")
    async def legs(
        self, info: Info, first: First = USUAL_PAGE, after: After = None, site: OfSite = None
    ) -> Connection[layout.Leg]:
        return await entities.listed(info, layout.Leg, "Leg", first, after, site=site)


@strawberry.input(description="All of a lane.")
class LanePlaceInput:
    """All of a lane."""

    idempotency_key: UUID = idempotency_key()
    is_new: bool = strawberry.field(description=_NEW)
    seen: Int64 | None = strawberry.field(default=None, description=_SEEN)
    site: str = strawberry.field(description="Code of the site.")
    code: str = strawberry.field(description="Unique at its site.")
    post: str = strawberry.field(default="", description="Code of the post at which it is; empty inland.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    kinds: list[TrafficKind] = strawberry.field(description="Of the traffic that passes here.")
    open: bool = strawberry.field(default=True, description="Whether it is in use now.")


@strawberry.input(description="Who must pass a checkpoint.")
class CheckpointRequirementInput:
    """Who must pass a checkpoint."""

    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    classes: list[VehicleClass] = strawberry.field(
        default_factory=list, description="Of which vehicles; none named is every one."
    )

    def read(self) -> layout.Requirement:
        """Return it as the organisation knows it."""
        return layout.Requirement(direction=self.direction, classes=tuple(dict.fromkeys(self.classes)))


@strawberry.input(description="All of a checkpoint.")
class CheckpointPlaceInput:
    """All of a checkpoint."""

    idempotency_key: UUID = idempotency_key()
    is_new: bool = strawberry.field(description=_NEW)
    seen: Int64 | None = strawberry.field(default=None, description=_SEEN)
    site: str = strawberry.field(description="Code of the site.")
    code: str = strawberry.field(description="Unique at its site; devices name it.")
    kind: CheckpointKind = strawberry.field(description="What is done there.")
    lane: str = strawberry.field(default="", description="Code of the lane it is in; empty when it is in none.")
    required: list[CheckpointRequirementInput] = strawberry.field(
        default_factory=list, description="Who must pass it; none: nobody must."
    )


@strawberry.input(description="All of a leg, which is known by its site, its ends and its direction.")
class LegPlaceInput:
    """All of a leg."""

    idempotency_key: UUID = idempotency_key()
    is_new: bool = strawberry.field(description=_NEW)
    seen: Int64 | None = strawberry.field(default=None, description=_SEEN)
    site: str = strawberry.field(description="Code of the site.")
    origin: str = strawberry.field(description="Code of the checkpoint it begins at.")
    target: str = strawberry.field(description="Code of the checkpoint it leads to.")
    direction: str = strawberry.field(description="`inbound` or `outbound`.")
    longest_seconds: float | None = strawberry.field(
        default=None, description="Who takes longer is late: one second to thirty days; null: nobody is."
    )


@strawberry.type(description="The lane is as it was said, at its site as soon as that has heard.")
class LaneSuccess:
    """The lane is as it was said."""

    lane: layout.Lane = strawberry.field(graphql_type=Lane, description="The lane.")


@strawberry.type(description="The checkpoint is as it was said, at its site as soon as that has heard.")
class CheckpointSuccess:
    """The checkpoint is as it was said."""

    checkpoint: layout.Checkpoint = strawberry.field(graphql_type=Checkpoint, description="The checkpoint.")


@strawberry.type(description="The leg is as it was said, at its site as soon as that has heard.")
class LegSuccess:
    """The leg is as it was said."""

    leg: layout.Leg = strawberry.field(graphql_type=Leg, description="The leg.")


LaneResult = Annotated[LaneSuccess | AnyProblem, strawberry.union("LaneResult", description="The lane, or why not.")]
CheckpointResult = Annotated[
    CheckpointSuccess | AnyProblem, strawberry.union("CheckpointResult", description="The checkpoint, or why not.")
]
LegResult = Annotated[LegSuccess | AnyProblem, strawberry.union("LegResult", description="The leg, or why not.")]


@strawberry.type
class LayoutMutation:
    """What can be asked."""

    @ask(LaneResult, WRITE, "Set up a lane, or change one.")
    async def lane_place(self, info: Info, wish: Input[LanePlaceInput]) -> LaneSuccess:
        lane = layout.Lane(
            site=wish.site,
            code=wish.code,
            post=wish.post,
            direction=wish.direction,
            kinds=tuple(wish.kinds),
            open=wish.open,
        )
        command = PlaceLane(lane=lane, is_new=wish.is_new, seen=wish.seen)
        return LaneSuccess(lane=await info.context.dispatch(command, wish.idempotency_key))

    @ask(CheckpointResult, WRITE, "Set up a checkpoint, or change one.")
    async def checkpoint_place(self, info: Info, wish: Input[CheckpointPlaceInput]) -> CheckpointSuccess:
        checkpoint = layout.Checkpoint(
            site=wish.site,
            code=wish.code,
            kind=wish.kind,
            lane=wish.lane,
            required=tuple(each.read() for each in wish.required),
        )
        command = PlaceCheckpoint(checkpoint=checkpoint, is_new=wish.is_new, seen=wish.seen)
        return CheckpointSuccess(checkpoint=await info.context.dispatch(command, wish.idempotency_key))

    @ask(LegResult, WRITE, "Set up a leg between two checkpoints of a site, or change how long it may take.")
    async def leg_place(self, info: Info, wish: Input[LegPlaceInput]) -> LegSuccess:
        seconds = wish.longest_seconds
        leg = layout.Leg(
            site=wish.site,
            origin=wish.origin,
            target=wish.target,
            direction=wish.direction,
            longest=None if seconds is None else timedelta(seconds=max(0.0, min(seconds, _SECONDS_MAX))),
        )
        command = PlaceLeg(leg=leg, is_new=wish.is_new, seen=wish.seen)
        return LegSuccess(leg=await info.context.dispatch(command, wish.idempotency_key))
