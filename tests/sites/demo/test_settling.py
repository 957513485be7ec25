"""The demo judges what has come to rest."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from sites.demo import settling
from sites.demo.book import Book
from sites.demo.lag import Lag, Standings
from sites.demo.topology import Topology
from sites.demo.verdict import Verdict
from sites.equality.differences import Difference, difference

UNEQUAL = {"central against koroszczyn": [difference("device_state", missing=["1"])]}


class Nodes:
    """Four nodes of which one puts something on record whenever it is told to; the others have it at once."""

    def __init__(self) -> None:
        self.recorded = 1
        self.has_arrived = True

    async def logs(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        own = {"origin": "koroszczyn", "epoch": "1", "channel": "technical", "seq": self.recorded, "lagSeconds": 0.0}
        own |= {"projected": self.recorded, "centre": self.recorded}
        above = [own if self.has_arrived else own | {"projected": 0}]
        return {"koroszczyn": [own], "dorohusk": [], "lublin": above, "central": above}


class Judge:
    """Finds what it is told to find, one after the other; something goes on record while it looks first, or always."""

    def __init__(
        self, nodes: Nodes, *found: Mapping[str, Sequence[Difference]], always: bool = False, waiting: int = 0
    ) -> None:
        self._nodes = nodes
        self._waiting = waiting
        self.found = list(found)
        self.always = always

    async def __call__(self, *_: object) -> Verdict:
        if self._nodes.recorded == 1 or self.always:
            self._nodes.recorded += 1
        lag, self._waiting = Lag(waiting=self._waiting, seconds=0.0), 0
        return Verdict(holdings={}, found=self.found.pop(0), missing=(), doubled=(), lags={"koroszczyn": lag})


@pytest.fixture
def nodes() -> Nodes:
    return Nodes()


async def settled(nodes: Nodes, judge: Judge, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    monkeypatch.setattr(settling, "judge", judge)
    async with httpx.AsyncClient() as http:
        topology = Topology(folder, http)
        return await settling.settle(topology, Book(), cast("Standings", nodes), within=0.01)


async def test_what_went_on_record_while_nodes_were_compared_is_no_difference(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await settled(nodes, Judge(nodes, UNEQUAL, {}), tmp_path, monkeypatch)).equal


async def test_what_went_on_record_meanwhile_and_waits_is_waited_for(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = await settled(nodes, Judge(nodes, {}, {}, waiting=3), tmp_path, monkeypatch)
    assert verdict.lags["koroszczyn"].waiting == 0


async def test_a_difference_that_stays_is_told(nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Judge(nodes, UNEQUAL, UNEQUAL, {})
    assert not (await settled(nodes, judge, tmp_path, monkeypatch)).equal
    assert judge.found == [{}]


async def test_a_difference_that_stays_is_told_of_nodes_that_never_rest(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(nodes, *[UNEQUAL] * settling.LOOKS, {}, always=True)
    assert not (await settled(nodes, judge, tmp_path, monkeypatch)).equal
    assert judge.found == [{}]


async def test_what_does_not_arrive_in_time_is_judged_at_once(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes.has_arrived = False
    judge = Judge(nodes, UNEQUAL, {})
    assert not (await settled(nodes, judge, tmp_path, monkeypatch)).equal
    assert judge.found == [{}]
