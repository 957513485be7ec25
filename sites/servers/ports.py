"""Ports on 127.0.0.1 that stay the same over a restart, where possible."""

import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from sites.servers.child import Child, ChildError

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared with what an operator wants
_ATTEMPTS = 5


def start_on_ports(
    start: Callable[[Mapping[str, int]], Child], *, wanted: Mapping[str, int | None], remembered_in: Path
) -> tuple[Child, dict[str, int]]:
    """Start a server on the ports wanted, else on those of its last start, else on free ones; others if they are taken.

    Args:
        start: starts the server on the ports given and waits until it is ready.
        wanted: by name; a number is kept to, None means any.
        remembered_in: file with the ports of the last start.

    Raises:
        ChildError: the server does not start, or a wanted port is taken.
    """
    remembered = json.loads(remembered_in.read_text()) if remembered_in.exists() else {}
    ports = {name: port or remembered.get(name) or free_port() for name, port in wanted.items()}
    for attempt in range(_ATTEMPTS):
        try:
            child = start(ports)
        except ChildError as error:
            if attempt == _ATTEMPTS - 1 or "address already in use" not in error.output.lower():
                raise
            ports = {name: port if wanted[name] or _is_free(port) else free_port() for name, port in ports.items()}
        else:
            break
    remembered_in.write_text(json.dumps(ports))
    return child, ports


def local(host: str) -> str:
    """Return where a server that listens on ``host`` is reached from this machine."""
    return LOOPBACK if host == EVERYWHERE else host


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return False
    return True
