"""What `caifs status` shows of a node that runs, and the code with which it ends."""

import asyncio
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from rich.console import Console

from bus.link.loading import Loading
from bus.link.messages import Health
from bus.link.status import LinkStatus
from bus.link.stopped import Stopped
from bus.link.wire import Stream
from bus.verification.differences import Difference, Fault, Side, Verification
from sites.status import FAULTY, HEALTHY, SILENT, perform
from tests.api.nodes import Node, memory_node
from tests.bus.watch.conditions import child, link, wire
from tests.samples import audited
from tests.waiting import until

NOW = datetime.now(UTC)
SITE_HEALTH = Health(version="0.1.9", now=0, waiting=7, oldest=int(NOW.timestamp() * 1000) - 4_000, quarantined=3)
HEARD = {stream: NOW - timedelta(seconds=1) for stream in Stream}


@dataclass
class Served:
    """A region in memory that is served over HTTP, and how its link stands."""

    state: Path
    node: Node
    link: LinkStatus

    def status(self, *, as_json: bool = False) -> tuple[int, str]:
        return status(self.state, as_json=as_json)


def status(state: Path, *, as_json: bool = False) -> tuple[int, str]:
    printed = io.StringIO()
    code = perform(state, Console(file=printed, width=200), as_json=as_json)
    return code, printed.getvalue()


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Served]:
    stands = link(
        parent=tuple(replace(wire(stream), answered_at=NOW) for stream in Stream),
        children={"koroszczyn": child(heard=HEARD, health=SITE_HEALTH)},
    )
    node = memory_node(tmp_path, "lublin", "region", link=lambda: served.link)
    node.clock.set(NOW)
    served = Served(tmp_path, node, stands)
    server = uvicorn.Server(uvicorn.Config(node.app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    asyncio.run(until(lambda: server.started))
    port = server.servers[0].sockets[0].getsockname()[1]
    (tmp_path / "http.url").write_text(f"http://127.0.0.1:{port}\n")
    yield served
    server.should_exit = True
    thread.join()


def test_a_healthy_node_shows_its_neighbours_and_logs(region: Served) -> None:
    asyncio.run(region.node.record(audited()))
    code, printed = region.status()

    assert code == HEALTHY
    assert printed.startswith("lublin  version 0.2.0  1 wait, 0 s  disk 60 % free, 61440 MiB")
    assert [line.split() for line in printed.splitlines() if line.startswith(("central", "koroszczyn"))] == [
        ["central", "parent", "up", "0", "s", "up", "0", "s", "0.2.0", "+0.0", "s"],
        [
            *("koroszczyn", "child", "up", "1", "s", "up", "1", "s", "0.1.9", "-0.0", "s"),
            *("7", "wait,", "4", "s", "3", "disk", "?"),
        ],
    ]
    assert "nothing is wrong" in printed


def test_what_is_still_to_come_is_shown(region: Served) -> None:
    loads = [
        Loading(feed="watchlist.pl", has_begun=True, pieces=9, fetched=8, placed=3),
        Loading(feed="watchlist.lublin", trouble="Gone"),
    ]
    region.link = replace(region.link, behind=12, loads=loads)
    _, printed = region.status()
    assert "12 events are still to come from the parent" in printed
    assert "watchlist.pl is being loaded: 8 of 9 pieces fetched, 3 placed\n" in printed
    assert "watchlist.lublin is being loaded: 0 of 0 pieces fetched, 0 placed, Gone\n" in printed


@pytest.mark.parametrize("cause", ["stopped", "silent", "off"])
def test_a_node_with_a_fault_says_so(region: Served, cause: str) -> None:
    asyncio.run(region.node.record(audited()))
    (own,) = asyncio.run(region.node.logs.held())
    log = own.log
    still = Stopped(origin=log.origin, epoch=log.epoch, channel=log.channel, seq=4, reason="Odd", since=NOW, kept=True)
    long_ago = {Stream.BULK: NOW - timedelta(hours=1)}
    region.link, told = {
        "stopped": (replace(region.link, stopped=(still,)), "stands still at 4: Odd"),
        "silent": (replace(region.link, children={"koroszczyn": child(heard=long_ago)}), "silent: koroszczyn"),
        "off": (replace(region.link, children={"koroszczyn": child(heard=HEARD, clock_offset=61.0)}), "+61.0 s"),
    }[cause]
    code, printed = region.status()

    assert code == FAULTY
    assert told in printed
    assert "nothing is wrong" not in printed


def test_json_is_what_the_node_says(region: Served) -> None:
    code, printed = region.status(as_json=True)
    told = json.loads(printed)

    assert (code, told["node"], told["faults"]) == (HEALTHY, "lublin", [])
    assert [one["code"] for one in told["neighbours"]] == ["central", "koroszczyn"]


def test_what_came_of_the_last_comparison_is_told(region: Served) -> None:
    assert "compared with" not in region.status()[1]
    found = Verification(here="lublin", there="central", started_at=NOW, finished_at=NOW, rows=7)
    region.link = replace(region.link, verification=found)
    assert f"compared with central at {NOW:%Y-%m-%d %H:%M} UTC: equal" in region.status()[1]
    told = json.loads(region.status(as_json=True)[1])["verification"]
    assert (told["there"], told["rows"]) == ("central", "7")
    missing = Difference(table="event", of="log", row="1", fault=Fault.MISSING, side=Side.HERE)
    put_right = replace(missing, repaired=True)
    region.link = replace(
        region.link, verification=replace(found, differences=(missing, put_right), not_compared=("entry: unknown",))
    )
    assert "1 rows differ as far as compared; not compared: entry: unknown" in region.status()[1]


@pytest.mark.parametrize("address", [None, "http://127.0.0.1:1\n", "nowhere\n"])
def test_a_node_that_does_not_answer_is_told_apart(tmp_path: Path, address: str | None) -> None:
    if address is not None:
        (tmp_path / "http.url").write_text(address)

    assert status(tmp_path)[0] == SILENT
    code, printed = status(tmp_path, as_json=True)
    assert code == SILENT
    assert set(json.loads(printed)) == {"problem"}
