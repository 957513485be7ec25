"""Commands that ask a node which runs on this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from adapters.identity.development import KEY_FILE, DevelopmentIssuer
from adapters.system import SystemClock
from domain.shared.actors import Role
from sites.desk import Desk
from sites.running import NotDone, RunningNode

ANSWERED: dict[str, Any] = {}
ASKED: list[dict[str, str]] = []


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        ASKED.append({name.lower(): value for name, value in self.headers.items()})
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(ANSWERED.get("text", json.dumps(ANSWERED)).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    ASKED.clear()
    ANSWERED.clear()
    server = HTTPServer(("127.0.0.1", 0), Answering)
    (tmp_path / "http.url").write_text(f"http://127.0.0.1:{server.server_port}\n")
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield RunningNode(code="dorohusk", state=tmp_path)
    server.shutdown()
    serving.join()
    server.server_close()


async def look(desk: Desk) -> dict[str, Any]:
    return await desk.look("query")


def ask(node: RunningNode) -> dict[str, Any]:
    return node.at_desk(look, role=Role.ADMINISTRATOR, purpose="patrol")


def test_the_node_is_asked_with_a_token_of_its_own_for_a_purpose(node: RunningNode) -> None:
    ANSWERED["data"] = {"thisNode": {"code": "dorohusk"}}
    assert ask(node) == ANSWERED["data"]
    (asked,) = ASKED
    assert asked["x-purpose"] == "patrol"
    actor, _ = DevelopmentIssuer(node.state, "dorohusk", SystemClock()).verify(asked["authorization"].split()[1])
    assert actor.roles == {Role.ADMINISTRATOR}


def test_a_refusal_is_told(node: RunningNode) -> None:
    ANSWERED["errors"] = [{"message": "No.", "extensions": {"code": "ROLE_MISSING"}}]
    with pytest.raises(NotDone, match=r"ROLE_MISSING: No\."):
        ask(node)


def test_a_node_that_is_not_there_is_told(node: RunningNode) -> None:
    ANSWERED["text"] = "<html>"
    with pytest.raises(NotDone, match=r"does not answer at http://127\.0\.0\.1"):
        ask(node)
    (node.state / "http.url").write_text("http://127.0.0.1:1\n")
    with pytest.raises(NotDone, match="does not answer"):
        ask(node)
    (node.state / "http.url").unlink()
    with pytest.raises(NotDone, match=r"no node runs on .*: it has no file http\.url"):
        ask(node)


def test_a_key_that_others_can_read_is_not_used(node: RunningNode) -> None:
    (node.state / KEY_FILE).write_text("{}")
    (node.state / KEY_FILE).chmod(0o644)
    with pytest.raises(NotDone, match="must have mode 0600"):
        ask(node)
