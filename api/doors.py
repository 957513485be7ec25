"""All that the API is given from outside. It reads no settings and opens nothing by itself."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from bus.dispatcher import Dispatcher
from bus.link.status import ALONE, LinkStatus
from bus.link.verifying import Verifying
from bus.live import Live
from bus.lookups import LookupViews
from bus.ports import LogViews
from bus.pushes.intake import Intake
from bus.verification.ports import Holdings
from bus.watch.condition import Condition
from domain.access.views import AccessViews
from domain.alarms.model import Fault
from domain.alarms.views import AlarmsViews
from domain.devices.model import DeviceState
from domain.erasure.views import ErasureViews
from domain.organisation.views import OrganisationViews
from domain.registrations.readings import DeviceFormat
from domain.registrations.views import RegistrationsViews
from domain.shared.actors import Actor, Role
from domain.shared.entities import EntityViews
from domain.shared.ports import Clock, Ids
from domain.upkeep.views import UpkeepViews
from domain.watchlist.views import WatchlistViews

NodeRole = Literal["site", "region", "central"]
NODE_ROLES: tuple[NodeRole, ...] = ("site", "region", "central")

Readiness = Callable[[], Awaitable[Mapping[str, str | None]]]
"""Tells of each part of the node, by name, why it is not ready, or None when it is."""


class Views(
    EntityViews,
    RegistrationsViews,
    LookupViews,
    AlarmsViews,
    WatchlistViews,
    OrganisationViews,
    AccessViews,
    ErasureViews,
    UpkeepViews,
    LogViews,
    Protocol,
):
    """Everything that can be looked up at a node."""


class Watch(Protocol):
    """Watches the node and its neighbours."""

    async def look(self) -> Condition:
        """Return how they are now.

        Raises:
            Unavailable: the database does not answer.
        """
        ...

    def faults(self, condition: Condition) -> Mapping[tuple[str, str], Fault]:
        """Return the faults that this condition shows, by cause and label."""
        ...


class Tokens(Protocol):
    """Tells who bears a token."""

    def verify(self, token: str) -> tuple[Actor, datetime]:
        """Return who bears the token, without a purpose, and when the token expires: aware, in UTC.

        Raises:
            Forbidden: the token is not one of ours, is not for this node, or has expired.
        """
        ...


class Issuer(Protocol):
    """Makes tokens; for development only."""

    def mint(self, name: str, roles: Collection[Role], ttl: timedelta) -> str:
        """Return a token of that subject and those roles that expires after ``ttl``."""
        ...


class Pictures(Protocol):
    """The pictures that the node keeps, by the SHA-256 of their content in hexadecimal."""

    async def picture(self, hash_: str) -> bytes | None:
        """Return a picture, or None when it is not here."""
        ...

    async def thumbnail(self, hash_: str) -> bytes | None:
        """Return a small JPEG of a picture; None when that is not here, or none can be made of it."""
        ...


class DeviceKeys(Protocol):
    """Makes the keys of devices, so that the same request gives the same key and none need be kept."""

    def key(self, actor: str, request: str, code: str) -> str:
        """Return the key that a request gives a device: 32 unpredictable bytes in URL-safe Base64 without padding.

        Args:
            actor: who asks.
            request: the caller's idempotency key.
            code: of the device.
        """
        ...


async def _without_children(child: str, _: bytes) -> str | None:
    return f"{child} is not a child of this node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What a node's API stands on.

    Attributes:
        node: code of the node.
        role: which modules the node offers.
        development: GraphiQL, introspection and sign-in by link are open. Never in production.
        views: all views of the node in one object.
        issuer: makes the tokens of the sign-in by link; not used outside development.
        formats: how devices speak, by the name under which a device is enrolled.
        intake: takes pushes of devices; None: the node is no site.
        device_state: how a device of this node is now; None for those that were never heard, and for others'.
        pictures: that devices sent; None: the node is no site.
        holdings: what the node holds, in digests.
        link: how the link to the neighbours stands now.
        replay_batch: takes in once more what a child sent; see `Link.replay_batch`.
        verifying: the node's comparisons with its parent; None where there is none.
        allowed_origins: pages of other origins that may open a WebSocket, as ``https://host[:port]``.
        lifespan: entered when the server starts and left when it stops.
    """

    node: str
    role: NodeRole
    development: bool
    dispatcher: Dispatcher
    views: Views
    live: Live
    tokens: Tokens
    device_keys: DeviceKeys
    formats: Mapping[str, DeviceFormat]
    readiness: Readiness
    watch: Watch
    clock: Clock
    ids: Ids
    holdings: Holdings
    link: Callable[[], LinkStatus] = lambda: ALONE
    replay_batch: Callable[[str, bytes], Awaitable[str | None]] = _without_children
    verifying: Verifying | None = None
    intake: Intake | None = None
    pictures: Pictures | None = None
    device_state: Callable[[str], DeviceState | None] = lambda _: None
    issuer: Issuer | None = None
    allowed_origins: tuple[str, ...] = ()
    lifespan: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
