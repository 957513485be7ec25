"""Ports on 127.0.0.1 that stay the same over a restart, where possible."""

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
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
    known = {name: port or remembered.get(name) for name, port in wanted.items()}
    ports = _completed(known)
    for attempt in range(_ATTEMPTS):
        try:
            child = start(ports)
        except ChildError as error:
            if attempt == _ATTEMPTS - 1 or "address already in use" not in error.output.lower():
                raise
            ports = _completed({name: wanted[name] or _if_free(port, ports) for name, port in ports.items()})
        else:
            break
    remembered_in.write_text(json.dumps(ports))
    return child, ports


def local(host: str) -> str:
    """Return where a server that listens on ``host`` is reached from this machine."""
    return LOOPBACK if host == EVERYWHERE else host


def free_ports(count: int) -> list[int]:
    """As many ports that were free a moment ago, no two alike."""
    with ExitStack() as held:
        listeners = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def _completed(known: Mapping[str, int | None]) -> dict[str, int]:
    return {name: port or free for (name, port), free in zip(known.items(), free_ports(len(known)), strict=True)}


def _if_free(port: int, ports: Mapping[str, int]) -> int | None:
    """Return a port unless somebody listens there, or it was to be another one's, too."""
    if list(ports.values()).count(port) > 1:
        return None
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return None
    return port
