"""Where children dial a parent's gate, for their invitations."""

import json

from sites.servers.gate import GATE_PORTS_FILE
from sites.settings import NodeSettings, SettingsInvalid

_OPERATORS_PORTS = {"client": 4222, "leaf": 7422}


def leaf_url(settings: NodeSettings) -> str:
    """Return where the server of a child dials; the child knows the certificate, so TLS it is.

    Raises:
        SettingsInvalid: nobody knows yet.
    """
    return f"tls://{_host(settings)}:{_port(settings, 'leaf', settings.link.gate.leaf_port)}"


def client_url(settings: NodeSettings) -> str:
    """Return where a child itself dials.

    Raises:
        SettingsInvalid: nobody knows yet.
    """
    return f"tls://{_host(settings)}:{_port(settings, 'client', settings.link.gate.port)}"


def _host(settings: NodeSettings) -> str:
    name = settings.link.gate.name
    return f"[{name}]" if ":" in name else name


def _port(settings: NodeSettings, use: str, wanted: int | None) -> int:
    if wanted:
        return wanted
    if settings.link.nats_url is not None:
        return _OPERATORS_PORTS[use]
    try:
        return int(json.loads((settings.state / GATE_PORTS_FILE).read_text(encoding="utf-8"))[use])
    except FileNotFoundError:
        variable = {"client": "CAIFS_GATE_PORT", "leaf": "CAIFS_GATE_LEAF_PORT"}[use]
        raise SettingsInvalid(f"{variable} is missing: a port of this node's gate, which has never run") from None
