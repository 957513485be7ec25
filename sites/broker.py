"""The nats-server beside a node."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The nats-server beside a node, its own or the operator's.

    Attributes:
        url: where the node's clients connect; secret included.
        restart: ends it, though it may hang, and starts it where it was; None: it is the operator's.
    """

    url: str = field(repr=False)
    restart: Callable[[], Awaitable[None]] | None = None
