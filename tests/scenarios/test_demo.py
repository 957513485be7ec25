"""`caifs demo` as its user runs it."""

import json
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from sites.demo.topology import PLANS
from sites.demo.waiting import until
from tests.scenarios.demos import EndedDemo, remove_demo, start_demo

pytestmark = pytest.mark.scenario

NOTHING = {"count": 0, "samples": []}


@pytest.fixture
def summary(ended_demo: EndedDemo) -> dict[str, Any]:
    return dict(json.loads(ended_demo.printed))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A folder for a demo to keep everything in."""
    yield tmp_path / "state"
    remove_demo(tmp_path / "state")


def test_the_demo_ends_by_itself_and_finds_all_levels_equal(ended_demo: EndedDemo, summary: Mapping[str, Any]) -> None:
    assert ended_demo.status == 0
    assert (summary["equal"], summary["differences"]) == (True, {})
    assert (summary["missing"], summary["doubled"]) == (NOTHING, NOTHING)
    assert {node: lag["waiting"] for node, lag in summary["lag"].items()} == dict.fromkeys(PLANS, 0)


def test_the_summary_counts_what_each_level_holds(summary: Mapping[str, Any]) -> None:
    levels = summary["levels"]
    assert {level: set(nodes) for level, nodes in levels.items()} == {
        "site": {"koroszczyn", "dorohusk"},
        "region": {"lublin"},
        "centre": {"central"},
    }
    held = levels["centre"]["central"]
    assert held == levels["region"]["lublin"] == _sums(levels["site"].values())
    assert held["registrations"] == summary["vehicles"] + summary["persons"]
    assert held["matches"] == summary["sought"] > 0
    assert all(counts["registrations"] > 0 for counts in levels["site"].values())


def test_the_summary_measures_from_push_to_subscriber(summary: Mapping[str, Any]) -> None:
    for level in ("site", "region", "centre"):
        assert summary["latency_ms"][level].keys() == {"registrations", "alarms"}
        for told, times in summary["latency_ms"][level].items():
            assert 0 < times["p50"] <= times["p95"] <= times["p99"]
            assert 0 < times["n"] <= summary["vehicles" if told == "registrations" else "sought"]


def test_a_node_that_dies_ends_the_demo_with_its_last_words(state: Path) -> None:
    with start_demo(state, stderr=subprocess.PIPE) as running:
        _wait_until_told("all nodes serve", running)
        region = next(each for each in psutil.Process(running.pid).children() if each.cmdline()[-1] == "region")
        region.kill()
        _, told = running.communicate()
    assert running.returncode == 1
    assert told.startswith("The demo cannot go on: node lublin has ended; its last lines:")
    assert "Traceback" not in told


async def test_nothing_of_a_demo_outlives_its_sudden_death(state: Path) -> None:
    with start_demo(state) as running:
        _wait_until_told("all nodes serve", running)
        family = psutil.Process(running.pid).children(recursive=True)
        names = {process.name() for process in family}
        running.kill()
    assert {"postgres", "nats-server"} <= names

    async def all_are_gone() -> bool:
        return not any(map(_lives, family))

    await until(all_are_gone, "all processes of the demo end", within=20)


def test_a_signal_ends_the_demo_with_a_summary(state: Path) -> None:
    with start_demo(state) as running:
        _wait_until_told("Big Truck", running)
        running.send_signal(signal.SIGINT)
        printed, _ = running.communicate()
    assert running.returncode == 0, printed
    assert "all on record once, levels equal" in printed
    assert "Traceback" not in printed


def _wait_until_told(text: str, running: "subprocess.Popen[str]") -> None:
    assert running.stdout
    while text not in running.stdout.readline():
        assert running.poll() is None


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _sums(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    every = list(counts)
    return {name: sum(each[name] for each in every) for name in every[0]}
