"""A node's parent and children, and the connections that lead there."""

import secrets

from adapters.nats.children import NatsChildrenWire
from adapters.nats.parent import NatsParentWire
from bus.link.link import Children, Parent
from sites.settings import NodeSettings


def parent(settings: NodeSettings, nats_url: str) -> Parent | None:
    """Return the way to the parent, or None at the centre. Alarms go straight to its server where that is known."""
    link = settings.link
    if link.parent is None:
        return None
    return Parent(
        code=link.parent,
        scopes=link.scopes,
        process=secrets.randbits(63),
        bulk=NatsParentWire(nats_url, node=settings.code, parent=link.parent, purpose="bulk"),
        alarms=NatsParentWire(link.parent_url or nats_url, node=settings.code, parent=link.parent, purpose="alarms"),
    )


def children(settings: NodeSettings, nats_url: str) -> Children | None:
    """Return the way to the children, or None when the node has none."""
    if not settings.link.children:
        return None
    return Children(wire=NatsChildrenWire(nats_url, node=settings.code), scopes=settings.link.children)
