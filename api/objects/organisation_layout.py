"""The ground plan of a site: lanes, checkpoints, and the legs that lead from one to the next."""

from datetime import datetime

import strawberry

from api.numbers import Int64
from api.objects.lens import Node, described, id_of, lens
from api.objects.organisation_words import CheckpointKind, TrafficKind, VehicleClass
from domain.organisation import layout


def _longest_seconds(root: strawberry.Parent[layout.Leg]) -> float | None:
    return None if root.longest is None else root.longest.total_seconds()


@lens(layout.Lane, description="Where traffic of one direction passes.")
class Lane(Node):
    """A lane."""

    id: strawberry.ID = id_of("Lane")
    site: str = described("Code of the site.")
    code: str = described("Unique at its site.")
    post: str = described("Code of the post at which it is; empty inland.")
    direction: str = described("`inbound` or `outbound`.")
    kinds: list[TrafficKind] = described("Of the traffic that passes here.")
    open: bool = described("Whether it is in use now.")
    ended_at: datetime | None = described("Since when there is none any more; null while there is.")
    version: Int64 = described("How often it was said what it is; who changes it may say which was seen.")


@lens(layout.Requirement, description="Who must pass a checkpoint.")
class CheckpointRequirement:
    """Who must pass."""

    direction: str = described("`inbound` or `outbound`.")
    classes: list[VehicleClass] = described("Of which vehicles; none named is every one.")


@lens(layout.Checkpoint, description="Where a device or an officer stands.")
class Checkpoint(Node):
    """A checkpoint."""

    id: strawberry.ID = id_of("Checkpoint")
    site: str = described("Code of the site.")
    code: str = described("Unique at its site; devices name it.")
    kind: CheckpointKind = described("What is done there.")
    lane: str = described("Code of the lane it is in; empty when it is in none.")
    required: list[CheckpointRequirement] = described("Who must pass it: together the routes through the site.")
    ended_at: datetime | None = described("Since when there is none any more; null while there is.")
    version: Int64 = described("How often it was said what it is; who changes it may say which was seen.")


@lens(layout.Leg, description="The way from one checkpoint of a site to the next, in one direction.")
class Leg(Node):
    """A leg."""

    id: strawberry.ID = id_of("Leg")
    site: str = described("Code of the site.")
    origin: str = described("Code of the checkpoint it begins at.")
    target: str = described("Code of the checkpoint it leads to.")
    direction: str = described("`inbound` or `outbound`.")
    longest_seconds: float | None = strawberry.field(
        resolver=_longest_seconds, description="Who takes longer is late; null: nobody is."
    )
    ended_at: datetime | None = described("Since when there is none any more; null while there is.")
    version: Int64 = described("How often it was said what it is; who changes it may say which was seen.")
