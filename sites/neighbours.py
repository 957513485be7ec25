"""A node's parent and children, and the connections that lead there."""

import secrets

from adapters.nats.children import NatsChildrenWire
from adapters.nats.parent import NatsParentWire
from bus.link.batches import BatchQuarantine
from bus.link.neighbours import Children, Parent
from bus.link.ways import Ways
from bus.link.wire import ParentWire
from sites.keys.admission import Admission
from sites.settings import NodeSettings


def parent(settings: NodeSettings, nats_url: str) -> Parent | None:
    """Return the way to the parent, or None at the centre. Alarms go straight to its server where that is known.

    So does bulk, instead of by the operator's server, which nobody here can restart, when that does not reach it.
    """
    link = settings.link
    if link.parent is None:
        return None

    def wire(url: str, purpose: str) -> NatsParentWire:
        shown = None if url == nats_url else link.parent_credentials
        return NatsParentWire(url, node=settings.code, parent=code, purpose=purpose, credentials=shown)

    code = link.parent
    direct = link.parent_url or nats_url
    bulk: ParentWire = wire(nats_url, "bulk")
    if link.nats_url is not None and link.parent_url is not None:
        bulk = Ways(bulk, wire(direct, "bulk"))
    return Parent(code=code, scopes=link.scopes, process=secrets.randbits(63), bulk=bulk, alarms=wire(direct, "alarms"))


def children(settings: NodeSettings, nats_url: str, admission: Admission, batches: BatchQuarantine) -> Children:
    """Return the way to the children that are admitted. What cannot be taken of theirs is kept in ``batches``."""
    return Children(wire=NatsChildrenWire(nats_url, node=settings.code), scopes=admission, batches=batches)
