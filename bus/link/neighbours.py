"""The ways to the neighbours of a node, as its link is given them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bus.link.batches import BatchQuarantine
from bus.link.wire import ChildrenWire, ParentWire


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The way to a node's parent.

    Attributes:
        code: of the parent.
        scopes: whose feeds this node holds; `EVERY_FEED` for all.
        bulk, alarms: a connection for each stream.
        process: a number drawn when this process started, which tells it from others that say they are this node.
    """

    code: str
    scopes: Sequence[str]
    bulk: ParentWire
    alarms: ParentWire
    process: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """The way to a node's children.

    Attributes:
        scopes: whose feeds each child may have, by its code; `EVERY_FEED` for all. Who is not here is refused. It may
            change while the node runs.
    """

    wire: ChildrenWire
    scopes: Mapping[str, Sequence[str]]
    batches: BatchQuarantine
