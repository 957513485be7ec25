"""How a node and its neighbours are, for whoever looks after them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import strawberry

from api.numbers import Int64
from api.objects.lens import described, lens
from bus.link.loading import Loading
from bus.link.messages import Health
from bus.link.wire import Stream
from bus.watch import neighbours
from domain.alarms.model import Fault

strawberry.enum(Stream, name="LinkStream", description="One of the two connections between neighbours.")


@strawberry.type(description="How a node is, as it says itself.")
class NodeHealth:
    """How a node is."""

    version: str = strawberry.field(description="Of its program.")
    waiting: Int64 = strawberry.field(description="How many events that it holds the centre has not confirmed.")
    waiting_since: datetime | None = strawberry.field(description="Time of the oldest of them, by that node's clock.")
    quarantined: Int64 = strawberry.field(description="How many events it holds that it cannot show in its tables.")
    disk_free: Int64 | None = strawberry.field(description="Bytes that are left on the disk of its state folder.")
    disk_room: Int64 | None = strawberry.field(description="All bytes of that disk.")


@lens(neighbours.Connection, description="One of the two connections with a neighbour.")
class NeighbourConnection:
    """A connection."""

    stream: Stream = described("Alarms have a connection of their own; everything else is bulk.")
    up: bool = described("The neighbour is heard on it.")
    heard_at: datetime | None = described("Its last heartbeat; null: none since this node was started.")


@strawberry.type(description="The parent or a child.")
class Neighbour:
    """A parent or a child."""

    code: str = strawberry.field(description="Code of the node.")
    is_parent: bool = strawberry.field(description="It is the parent; else a child.")
    up: bool = strawberry.field(description="It is heard on both connections.")
    heard_at: datetime | None = strawberry.field(description="Its last heartbeat on either connection.")
    connections: list[neighbours.Connection] = strawberry.field(
        graphql_type=list[NeighbourConnection], description="Both connections."
    )
    version: str = strawberry.field(description="Of its program; empty: it never said.")
    clock_offset: float | None = strawberry.field(
        description="Seconds that its clock is ahead of this node's; a child's but for the time of the way."
    )
    health: NodeHealth | None = strawberry.field(description="How a child says it is; null for the parent.")


@lens(Fault, description="Something wrong with the installation. While it lasts an alarm `technical:<cause>` stands.")
class InstallationFault:
    """Something wrong."""

    cause: str = described("What is wrong, in a word.")
    label: str = described("What it is wrong with: a node, or a log as its origin and channel.")
    priority: int = described("1 (highest) to 3.")
    text: str = described("What is wrong, in a line.")


@lens(Loading, description="A feed that is being loaded from the parent's snapshot; it counts as not arrived.")
class FeedLoad:
    """A feed on its way."""

    feed: str = described("Name of the feed.")
    pieces: Int64 = described("Of how many pieces its snapshot is; 0: that is not known yet.")
    fetched: Int64 = described("How many of them have come; 0: none since this node was started.")
    placed: Int64 = described("How many of them are in the tables.")
    rows: Int64 = described("How many rows there are in all pieces.")
    trouble: str = described("Why it does not go on; empty: it does.")


def to_health(health: Health) -> NodeHealth:
    """Show how a node is."""
    since = None if health.oldest is None else datetime.fromtimestamp(health.oldest / 1000, UTC)
    return NodeHealth(
        version=health.version,
        waiting=Int64(health.waiting),
        waiting_since=since,
        quarantined=Int64(health.quarantined),
        disk_free=None if health.free is None else Int64(health.free),
        disk_room=None if health.room is None else Int64(health.room),
    )


def to_neighbours(found: Sequence[neighbours.Neighbour]) -> list[Neighbour]:
    """Show neighbours."""
    return [
        Neighbour(
            code=one.code,
            is_parent=one.is_parent,
            up=one.up,
            heard_at=one.heard_at,
            connections=list(one.connections),
            version=one.version,
            clock_offset=one.clock_offset,
            health=None if one.health is None else to_health(one.health),
        )
        for one in found
    ]
