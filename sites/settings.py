"""A node's settings: environment variables, read once, all problems told at once. Nobody else reads them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from adapters.nats.credentials import Credentials
from bus.catalogue import lists_of
from bus.watch.thresholds import Thresholds
from domain.watchlist.scopes import DRAFTS, is_scope
from sites.keys.invitation import Invitation, InvitationUnreadable
from sites.keys.membership import membership

Role = Literal["site", "region", "central"]
ANY_SCOPE = "*"
DATABASE_FILE = "site.sqlite"
DATABASE_SCHEMES = ("postgres://", "postgresql://")
_SECRET_LENGTH = 32
RETENTION_DAYS = 30
PICTURES_DAYS = 30
_NUMBER_MAX = 1_000_000
_FORM = f"lower-case letters, digits, hyphens; not {DRAFTS}"


class SettingsInvalid(Exception):  # noqa: N818 - a state of the installation
    """The environment does not describe a node; the text has a line per problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Where the node serves GraphQL and takes pushes.

    Attributes:
        port: 0 for any that is free.
        origins: pages of other origins that may open a WebSocket.
    """

    host: str
    port: int
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """Where the node serves its metrics, without asking who reads them.

    Attributes:
        port: 0 for any that is free.
    """

    host: str = "127.0.0.1"
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Where children with keys come in.

    Attributes:
        host: where the gate listens.
        port, leaf_port: for clients and for servers; None for any.
        name: name or address under which children dial it.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    leaf_port: int | None = None
    name: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesSettings:
    """How devices reach the nats-server of their site, and how long it keeps their pictures.

    Attributes:
        pictures_days: since they came.
        host: where the site's own listens.
        secret: of their user; None: the site's own draws one, and an operator's lets no devices in.
    """

    host: str = "127.0.0.1"
    secret: str | None = field(default=None, repr=False)
    pictures_days: int = PICTURES_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Servers of its own or the operator's, and the neighbours.

    Attributes:
        nats_url: the operator's nats-server; None: the node brings its own.
        nats_port, leaf_port: of the node's own nats-server; None for any.
        children_secret: from which the secret of each child follows.
        parent: code of the parent; None at the centre.
        parent_leaf_url: where the node's own nats-server dials its parent's.
        parent_url: where alarms go straight to; None: through the local server.
        parent_credentials: what is shown to the parent by whom these URLs name no user; None: nothing.
        scopes: feeds that the node follows; ``*`` for all.
        children: scopes that each child may follow who has a password.
        gate: where the others come in.
        verify_hour: of the night, UTC, in which the node compares itself with its parent.
    """

    nats_url: str | None = field(repr=False)
    nats_port: int | None
    leaf_port: int | None
    children_secret: str | None = field(repr=False)
    parent: str | None
    parent_leaf_url: str | None = field(repr=False)
    parent_url: str | None = field(repr=False)
    scopes: tuple[str, ...]
    children: Mapping[str, tuple[str, ...]]
    parent_credentials: Credentials | None = None
    gate: GateSettings = field(default_factory=GateSettings)
    verify_hour: int = 1

    @property
    def lists(self) -> frozenset[str]:
        """The feeds that must have arrived before what a site registers counts as checked."""
        return lists_of(tuple(scope for scope in self.scopes if scope != ANY_SCOPE))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """Everything a node is told from outside.

    Attributes:
        state: folder of the node's files.
        development: opens GraphiQL, introspection and sign-in by link.
        database_url: the operator's PostgreSQL; None: the node brings its own. A site has its SQLite file.
        metrics: where they are served to who watches the machine.
        devices: how they reach the nats-server of a site.
        watch: from when on something is a fault.
        retention_days: how long a site keeps events of its own that the centre holds, too.
    """

    code: str
    role: Role
    state: Path
    development: bool
    database_url: str | None = field(repr=False)
    http: HttpSettings
    link: LinkSettings
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    devices: DevicesSettings = field(default_factory=DevicesSettings)
    watch: Thresholds = field(default_factory=Thresholds)
    retention_days: int = RETENTION_DAYS


def read(role: Role, environment: Mapping[str, str] = os.environ) -> NodeSettings:
    """Return the settings of a node of this role.

    Raises:
        SettingsInvalid: with all problems at once.
    """
    reading = _Reading(environment)
    joined = reading.membership(state_of(environment, role), role)
    code = reading.code("CAIFS_NODE", default="central" if role == "central" else joined.child if joined else None)
    parent = reading.parent("CAIFS_PARENT", role, default=joined.parent if joined else None)
    if joined is not None and (joined.child, joined.parent) != (code, parent):
        joined = None
    leaf_url, client_url = (environment.get(f"CAIFS_PARENT_{url}") or None for url in ("LEAF_URL", "URL"))
    if joined is not None and leaf_url is None and client_url is None:
        leaf_url, client_url = joined.leaf_url, joined.client_url
    gate_host = environment.get("CAIFS_GATE_HOST") or "127.0.0.1"
    settings = NodeSettings(
        code=code,
        role=role,
        state=state_of(environment, role) or Path(".state", code).absolute(),
        development=reading.flag("CAIFS_DEVELOPMENT"),
        database_url=reading.database_url("CAIFS_DATABASE_URL", role),
        http=HttpSettings(
            host=environment.get("CAIFS_HTTP_HOST") or "127.0.0.1",
            port=reading.port("CAIFS_HTTP_PORT") or 0,
            origins=reading.words("CAIFS_ORIGINS"),
        ),
        link=LinkSettings(
            nats_url=environment.get("CAIFS_NATS_URL") or None,
            nats_port=reading.port("CAIFS_NATS_PORT"),
            leaf_port=reading.port("CAIFS_LEAF_PORT"),
            children_secret=reading.secret("CAIFS_CHILDREN_SECRET"),
            parent=parent,
            parent_leaf_url=leaf_url,
            parent_url=client_url,
            scopes=reading.scopes("CAIFS_SCOPES", role, default=joined.scopes if joined else ()),
            children=reading.children("CAIFS_CHILDREN", role),
            parent_credentials=joined.credentials if joined and leaf_url == joined.leaf_url else None,
            gate=GateSettings(
                host=gate_host,
                port=reading.port("CAIFS_GATE_PORT"),
                leaf_port=reading.port("CAIFS_GATE_LEAF_PORT"),
                name=environment.get("CAIFS_GATE_NAME") or gate_host,
            ),
            verify_hour=reading.hour("CAIFS_VERIFY_HOUR", default=1),
        ),
        metrics=MetricsSettings(
            host=environment.get("CAIFS_METRICS_HOST") or "127.0.0.1", port=reading.port("CAIFS_METRICS_PORT") or 0
        ),
        devices=reading.devices(role),
        watch=reading.thresholds(),
        retention_days=reading.number("CAIFS_RETENTION_DAYS", RETENTION_DAYS),
    )
    reading.check_children(settings)
    reading.refuse_if_any()
    return settings


def code_of(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the code of a node, or None when the environment does not name it."""
    return environment.get("CAIFS_NODE") or None


def state_of(environment: Mapping[str, str] = os.environ, role: Role | None = None) -> Path | None:
    """Return the state folder of a node, or None when the environment names neither it nor the node."""
    code = environment.get("CAIFS_NODE") or ("central" if role == "central" else None)
    state = environment.get("CAIFS_STATE") or (code and Path(".state", code))
    return Path(state).absolute() if state else None


def environment_for(state: Path) -> Mapping[str, str]:
    """Return this program's environment for one that runs the node of a state folder."""
    return {**os.environ, "CAIFS_STATE": str(state)}


class _Reading:
    """Reads variables one by one and gathers what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def code(self, name: str, default: str | None = None) -> str:
        value = self._environment.get(name) or default
        if value is None:
            self._problems.append(f"{name} is missing: the code of this node")
            return "unnamed"
        self._check_code(name, value)
        return value

    def flag(self, name: str) -> bool:
        value = self._environment.get(name, "")
        if value not in ("", "0", "1"):
            self._problems.append(f"{name} is {value!r}, not 0 or 1")
        return value == "1"

    def port(self, name: str) -> int | None:
        value = self._environment.get(name)
        if not value:
            return None
        if value.isascii() and value.isdigit() and int(value) < 1 << 16:
            return int(value)
        self._problems.append(f"{name} is {value!r}, not a port")
        return None

    def number(self, name: str, default: int, least: int = 1) -> int:
        value = self._environment.get(name)
        if not value:
            return default
        if value.isascii() and value.isdigit() and least <= int(value) <= _NUMBER_MAX:
            return int(value)
        self._problems.append(f"{name} is {value!r}, not a whole number from {least} to {_NUMBER_MAX}")
        return default

    def thresholds(self) -> Thresholds:
        """Read ``CAIFS_`` and the name of each threshold."""
        usual = Thresholds()
        names = [one.name for one in fields(Thresholds)]
        return Thresholds(
            **{
                name: self.number(f"CAIFS_{name.upper()}", getattr(usual, name), least=0 if "disk" in name else 1)
                for name in names
            }
        )

    def hour(self, name: str, default: int) -> int:
        value = self._environment.get(name) or str(default)
        if value.isascii() and value.isdigit() and int(value) < 24:  # noqa: PLR2004 - of a day
            return int(value)
        self._problems.append(f"{name} is {value!r}, not an hour from 0 to 23")
        return default

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self._environment.get(name, "").split(",") if word.strip())

    def database_url(self, name: str, role: Role) -> str | None:
        value = self._environment.get(name) or None
        if value is not None and role == "site":
            self._problems.append(f"{name} is set, but a site keeps its own SQLite file")
        elif value is not None and not value.startswith(DATABASE_SCHEMES):
            self._problems.append(f"{name} is no PostgreSQL URL")
        return value

    def membership(self, state: Path | None, role: Role) -> Invitation | None:
        """Read what the node was told when it joined."""
        if state is None or role == "central":
            return None
        try:
            return membership(state)
        except InvitationUnreadable as fault:
            self._problems.append(str(fault))
            return None

    def parent(self, name: str, role: Role, default: str | None = None) -> str | None:
        value = self._environment.get(name) or default
        if role == "central" and value is not None:
            self._problems.append(f"{name} is set, but the centre has no parent")
        elif role != "central" and value is None:
            self._problems.append(f"{name} is missing: the code of the parent")
        elif value is not None:
            self._check_code(name, value)
        return value

    def scopes(self, name: str, role: Role, default: tuple[str, ...]) -> tuple[str, ...]:
        """Read scopes; a site has to name its own, for it cannot tell whether lists without names have arrived."""
        scopes = self.words(name) or default
        for scope in scopes:
            self._check_scope(name, scope)
        if role == "site" and (not scopes or ANY_SCOPE in scopes):
            self._problems.append(f"{name} must name the scopes of the site: the country, its region, itself")
        return scopes

    def children(self, name: str, role: Role) -> Mapping[str, tuple[str, ...]]:
        """Read ``child=scope,scope;child=scope``."""
        children: dict[str, tuple[str, ...]] = {}
        for part in filter(None, self._environment.get(name, "").split(";")):
            child, _, scopes = part.strip().partition("=")
            self._check_code(name, child)
            children[child] = tuple(filter(None, scopes.split(",")))
            for scope in children[child]:
                self._check_scope(name, scope)
        if children and role == "site":
            self._problems.append(f"{name} is set, but a site has no children")
        return children

    def secret(self, name: str) -> str | None:
        value = self._environment.get(name) or None
        if value is not None and len(value) < _SECRET_LENGTH:
            self._problems.append(f"{name} can be guessed: it has less than {_SECRET_LENGTH} characters")
        return value

    def devices(self, role: Role) -> DevicesSettings:
        """Read how devices come in on NATS; only a site has any."""
        host = self._environment.get("CAIFS_DEVICES_HOST") or None
        secret = self.secret("CAIFS_DEVICES_SECRET")
        if role != "site" and (host or secret):
            self._problems.append("CAIFS_DEVICES_HOST or CAIFS_DEVICES_SECRET is set, but only a site has devices")
        days = self.number("CAIFS_PICTURES_DAYS", PICTURES_DAYS)
        return DevicesSettings(host=host or "127.0.0.1", secret=secret, pictures_days=days)

    def check_children(self, settings: NodeSettings) -> None:
        link = settings.link
        if settings.code in link.children:
            self._problems.append(f"CAIFS_CHILDREN: {settings.code} is no child of its own")
        if link.children and link.children_secret is None and link.nats_url is None:
            self._problems.append("CAIFS_CHILDREN_SECRET is missing: the secrets of the children follow from it")

    def refuse_if_any(self) -> None:
        if self._problems:
            raise SettingsInvalid("\n".join(self._problems))

    def _check_code(self, name: str, value: str) -> None:
        if not is_scope(value):
            self._problems.append(f"{name}: {value!r} is no code of a node ({_FORM})")

    def _check_scope(self, name: str, value: str) -> None:
        if value != ANY_SCOPE and not is_scope(value):
            self._problems.append(f"{name}: {value!r} is no scope ({_FORM}; or {ANY_SCOPE})")
