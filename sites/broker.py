"""The nats-server beside a node."""

from dataclasses import dataclass, field

from sites.servers.keeping import OwnServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The nats-server beside a node, its own or the operator's.

    Attributes:
        url: where the node's clients connect; secret included.
        own: the server itself; None: it is the operator's.
    """

    url: str = field(repr=False)
    own: OwnServer | None = None
