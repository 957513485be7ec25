"""The gate of a parent: a nats-server through which children with keys come in, over TLS with certificates both ways.

It is a leaf of the node's own nats-server, which stays on 127.0.0.1: nothing waits at the gate, and whoever passes may
do there what the child's rights say. It has no JetStream and passes on nobody's requests to one.

Who may pass is told anew while it runs. nats-server then cuts clients that are no longer let in, but not leaves: the
account of the system, with which `NatsGate` describes a way in for the node, can.
"""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from adapters.nats.subjects import EVERYTHING_OF_JETSTREAM, Rights
from sites.servers.account import server_account
from sites.servers.child import Child, claimed_output
from sites.servers.folders import kept_secret, server_folder, write_private
from sites.servers.nats import MAX_PAYLOAD, NATS_SERVER, program
from sites.servers.ports import local, start_on_ports

GATE_PORTS_FILE = "gate.ports"
_SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUser:
    """Somebody whom a nats-server lets in by an nkey."""

    nkey: str
    rights: Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """What one gate is.

    Attributes:
        name: of the node.
        host: where it listens.
        port, leaf_port: for clients and for servers of children; None: the last one or any.
        inner_url: where it dials the node's own server, secret included.
        authority: of whom children need a certificate, PEM.
    """

    name: str
    host: str
    port: int | None
    leaf_port: int | None
    inner_url: str = field(repr=False)
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCertificate:
    """What the gate shows to children, PEM."""

    certificate: str
    key: str = field(repr=False)


class NatsGate:
    """The gate of one state folder.

    Attributes:
        ports: `client` and `leaf`, once it runs.
    """

    def __init__(self, state: Path, settings: GateSettings) -> None:
        """Describe it; nothing runs yet. ``state`` is made if need be."""
        self._state = state.absolute()
        self._settings = settings
        self._child: Child | None = None
        self.ports: Mapping[str, int] = {}

    def start(self, certificate: GateCertificate, users: Sequence[KeyUser]) -> None:
        """Start it and wait until it takes clients and leaves; from the main thread.

        Raises:
            ChildError: it did not start; the message has its last lines.
            OSError: its files cannot be made or reached.
        """
        self._state.mkdir(parents=True, exist_ok=True)
        with claimed_output(self._state / "gate.log") as output:
            self._child, self.ports = start_on_ports(
                partial(self._serve, output, certificate, users),
                wanted=self.ports or {"client": self._settings.port, "leaf": self._settings.leaf_port},
                remembered_in=self._state / GATE_PORTS_FILE,
            )

    @property
    def runs(self) -> bool:
        """Whether its process has not ended."""
        return self._child is not None and self._child.status is None

    def admit(self, certificate: GateCertificate, users: Sequence[KeyUser]) -> None:
        """Let these in from now on, and nobody else; leaves that are connected stay."""
        if self._child is None or not self.runs:
            return
        self._write(certificate, users, self.ports)
        self._child.send(signal.SIGHUP)

    def stop(self, *, within: float = 20.0) -> None:
        """Disconnect everybody and end; one that hangs is killed after so many seconds."""
        if self._child:
            self._child.stop(within=within)

    @property
    def client_url(self) -> str:
        """Where the node itself reaches the gate, as the system's user; secret included."""
        return f"tls://{_SYSTEM}:{self._secret()}@{local(self._settings.host)}:{self.ports['client']}"

    def _serve(
        self,
        output: BinaryIO,
        certificate: GateCertificate,
        users: Sequence[KeyUser],
        ports: Mapping[str, int],
    ) -> Child:
        file = self._write(certificate, users, ports)
        for stale in file.parent.glob("*.ports"):
            stale.unlink()
        account = server_account()
        child = Child(
            [program(account), "-c", file],
            output=output,
            account=account,
            environment={},
            death_signal=signal.SIGTERM,
        )
        child.wait_until((file.parent / f"{NATS_SERVER}_{child.pid}.ports").exists)
        return child

    def _write(self, certificate: GateCertificate, users: Sequence[KeyUser], ports: Mapping[str, int]) -> Path:
        account = server_account()
        folder = server_folder(self._state, "gate", account)
        files = {
            "authority.crt": self._settings.authority,
            "gate.crt": certificate.certificate,
            "gate.key": certificate.key,
            "gate.conf": json.dumps(self._configuration(folder, users, ports), indent=1),
        }
        for name, text in files.items():
            write_private(folder / name, text, account)
        return folder / "gate.conf"

    def _configuration(self, folder: Path, users: Sequence[KeyUser], ports: Mapping[str, int]) -> dict[str, Any]:
        settings = self._settings
        tls = {
            "cert_file": str(folder / "gate.crt"),
            "key_file": str(folder / "gate.key"),
            "ca_file": str(folder / "authority.crt"),
            "verify": True,
            "min_version": "1.3",
        }
        inner = {
            "url": settings.inner_url,
            "deny_imports": [EVERYTHING_OF_JETSTREAM],
            "deny_exports": [EVERYTHING_OF_JETSTREAM],
        }
        return {
            "server_name": gate_name(settings.name),
            "listen": f"{settings.host}:{ports['client']}",
            "tls": tls,
            "authorization": {"users": [key_user(user) for user in users]},
            "accounts": {"SYSTEM": {"users": [{"user": _SYSTEM, "password": self._secret()}]}},
            "system_account": "SYSTEM",
            "ping_interval": "10s",
            "max_payload": MAX_PAYLOAD,
            "ports_file_dir": str(folder),
            "leafnodes": {
                "listen": f"{settings.host}:{ports['leaf']}",
                "tls": tls,
                "no_advertise": True,
                "compression": "off",
                "reconnect": "1s",
                "remotes": [inner],
            },
        }

    def _secret(self) -> str:
        return kept_secret(self._state / "gate.secret")


def gate_name(node: str) -> str:
    """Return what the gate of a node is called; no node is called so."""
    return f"{node}.gate"


def key_user(user: KeyUser) -> dict[str, Any]:
    """Return a user as a server's configuration describes it."""
    return {
        "nkey": user.nkey,
        "permissions": asdict(user.rights),
        "allowed_connection_types": ["STANDARD", "LEAFNODE"],
    }
