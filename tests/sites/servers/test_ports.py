import json
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from sites.servers.child import Child, ChildError
from sites.servers.ports import LOOPBACK, free_ports, start_on_ports


def listening(ports: Mapping[str, int]) -> Child:
    """Be a server that listens on its ports for a moment."""
    with ExitStack() as held:
        try:
            for port in ports.values():
                held.enter_context(socket.create_server((LOOPBACK, port)))
        except OSError as error:
            raise ChildError("it ended", f"bind: {error.strerror}") from error
        return object.__new__(Child)


def started(file: Path, **wanted: int | None) -> dict[str, int]:
    _, ports = start_on_ports(listening, wanted=wanted, remembered_in=file)
    return ports


def test_ports_stay_the_same_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "ports"
    assert started(file, client=None, leaf=None) == started(file, client=None, leaf=None)


def test_of_ports_that_are_taken_others_are_drawn(tmp_path: Path) -> None:
    file = tmp_path / "ports"
    before = started(file, client=None, leaf=None)
    with socket.create_server((LOOPBACK, before["leaf"])):
        after = started(file, client=None, leaf=None)
    assert after["client"] == before["client"]
    assert after["leaf"] != before["leaf"]


def test_two_that_remember_one_port_come_to_two(tmp_path: Path) -> None:
    file, (port,) = tmp_path / "ports", free_ports(1)
    file.write_text(json.dumps({"client": port, "leaf": port}))
    ports = started(file, client=None, leaf=None)
    assert ports["client"] != ports["leaf"]


def test_what_is_wanted_is_kept_to(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with socket.create_server((LOOPBACK, port)), pytest.raises(ChildError):
        started(tmp_path / "ports", client=port, leaf=None)


def test_no_two_of_the_ports_drawn_are_alike() -> None:
    assert len(set(free_ports(200))) == 200
