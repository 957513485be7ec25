import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from sites.demo.book import Passing
from sites.demo.lag import Lag
from sites.demo.plain import PlainLines
from sites.demo.show import AlarmHeard, Show
from sites.demo.topology import Topology
from sites.demo.view import LiveView


@pytest.fixture
def topology(tmp_path: Path) -> Topology:
    return Topology(tmp_path, httpx.AsyncClient())


def alarm(**fields: Any) -> dict[str, Any]:
    usual = {
        "id": "1",
        "node": "koroszczyn",
        "lane": "in-1",
        "label": "WPR10234",
        "text": "Vehicle reported stolen",
        "priority": 1,
        "acknowledgedBy": "",
        "match": {"tier": "T1", "key": "folded"},
    }
    return usual | fields


def play(show: Show, topology: Topology, passing: Passing) -> None:
    """One vehicle passes, alarms at every level, and is taken."""
    show.opened(topology, 3.5)
    show.passed("koroszczyn", passing)
    show.passed("lublin", passing)
    for node, latency in (("koroszczyn", 12.4), ("lublin", 31.2), ("central", 47.9)):
        show.alarmed(AlarmHeard(node=node, change="RAISED", alarm=alarm(), latency=latency))
    taken = alarm(acknowledgedBy="anna")
    show.alarmed(AlarmHeard(node="koroszczyn", change="ACKNOWLEDGED", alarm=taken, latency=None))
    show.lags({"koroszczyn": Lag(waiting=17, seconds=0.4)})


def test_lines_tell_what_happens(topology: Topology, passing: Callable[..., Passing]) -> None:
    printed = io.StringIO()
    play(PlainLines(Console(file=printed, width=200)), topology, passing())
    lines = [line.partition(" ")[2] for line in printed.getvalue().splitlines()]
    assert lines[0] == "all nodes serve after 3.5 s"
    assert lines[1].startswith(f"central: {topology.nodes['central'].url}/development/officer")
    assert lines[5:] == [
        "koroszczyn in-1: WPR10234 (PL) Big Truck",
        "ALARM raised, heard at koroszczyn after 12 ms: WPR10234 at koroszczyn in-1: Vehicle reported stolen",
        "ALARM raised, heard at lublin after 31 ms: WPR10234 at koroszczyn in-1: Vehicle reported stolen",
        "ALARM raised, heard at central after 48 ms: WPR10234 at koroszczyn in-1: Vehicle reported stolen",
        "ALARM acknowledged by anna, heard at koroszczyn: WPR10234 at koroszczyn in-1: Vehicle reported stolen",
        "not yet confirmed by the centre: koroszczyn 17 events 0.4 s",
    ]


def test_the_screen_shows_what_happens(topology: Topology, passing: Callable[..., Passing]) -> None:
    console = Console(file=io.StringIO(), width=180, height=40, record=True)
    view = LiveView(console)
    play(view, topology, passing())
    console.print(view._draw())
    lines = [line.split() for line in console.export_text().splitlines()]
    url = f"{topology.nodes['koroszczyn'].url}/development/officer"
    assert ["koroszczyn", url, "1", "1", "17,", "0.4", "s"] in lines
    (alarms,) = (line[1:] for line in lines if "stolen" in line)
    assert " ".join(alarms) == "koroszczyn in-1 WPR10234 Vehicle reported stolen T1 folded 12 31 48 anna"
    assert [" ".join(line[1:]) for line in lines if "Truck" in line] == ["koroszczyn in-1 WPR10234 PL Big Truck"]


def test_the_screen_fits_a_small_terminal(topology: Topology, passing: Callable[..., Passing]) -> None:
    console = Console(file=io.StringIO(), width=80, height=24, record=True)
    view = LiveView(console)
    for number in range(50):
        play(view, topology, passing(label=f"WPR{number}"))
        view.alarmed(AlarmHeard(node="central", change="RAISED", alarm=alarm(id=str(number)), latency=None))
    console.print(view._draw())
    lines = console.export_text().splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
