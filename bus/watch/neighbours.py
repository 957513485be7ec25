"""How each neighbour stands, parent and children alike. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bus.link.messages import Health
from bus.link.wire import Stream
from bus.watch.condition import Condition

CHILD_IS_UP_FOR: Final = timedelta(seconds=10)
"""After a hello; it says one every second, and waits three for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One of the connections with a neighbour.

    Attributes:
        up: the neighbour is heard.
        heard_at: when it was heard last; None: never since this node was started.
    """

    stream: Stream
    up: bool
    heard_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A parent or a child.

    Attributes:
        version: of its program; empty: it never said.
        clock_offset: seconds that its clock is ahead of this node's; None: it never said.
        health: how it says it is; a parent does not say.
    """

    code: str
    is_parent: bool
    connections: tuple[Connection, ...]
    version: str
    clock_offset: float | None
    health: Health | None

    @property
    def up(self) -> bool:
        """Whether it is heard on every connection."""
        return all(one.up for one in self.connections)

    @property
    def heard_at(self) -> datetime | None:
        """When it was heard last, on whichever connection."""
        return max((one.heard_at for one in self.connections if one.heard_at is not None), default=None)


def neighbours(condition: Condition) -> Sequence[Neighbour]:
    """Return how each neighbour stands, the parent first, the children by their codes."""
    return [*_parent(condition), *_children(condition)]


def _parent(condition: Condition) -> Sequence[Neighbour]:
    link = condition.link
    if link.parent_code is None:
        return []
    offsets = [wire.clock_offset for wire in link.parent if wire.clock_offset is not None]
    parent = Neighbour(
        code=link.parent_code,
        is_parent=True,
        connections=tuple(
            Connection(stream=wire.stream, up=wire.up, heard_at=wire.answered_at) for wire in link.parent
        ),
        version=max((wire.version for wire in link.parent), default=""),
        clock_offset=min(offsets, key=abs, default=None),
        health=None,
    )
    return [parent]


def _children(condition: Condition) -> Sequence[Neighbour]:
    return [
        Neighbour(
            code=code,
            is_parent=False,
            connections=tuple(_heard(stream, child.heard.get(stream), condition.at) for stream in Stream),
            version="" if child.health is None else child.health.version,
            clock_offset=child.clock_offset,
            health=child.health,
        )
        for code, child in sorted(condition.link.children.items())
    ]


def _heard(stream: Stream, heard_at: datetime | None, now: datetime) -> Connection:
    up = heard_at is not None and now - heard_at <= CHILD_IS_UP_FOR
    return Connection(stream=stream, up=up, heard_at=heard_at)
