"""Seeded schedules over the shipped classes: three levels, everything may fail, all is level afterwards.

`CAIFS_TEST_SCHEDULES` sets the number of schedules per campaign. A schedule that fails is told again by the command
that the failure names.
"""

import os
from concurrent.futures import Executor

import pytest

from tests.bus.replication.replay import COMMAND, main
from tests.bus.replication.schedule import CAMPAIGNS, run, wrong_in

SCHEDULES = int(os.environ.get("CAIFS_TEST_SCHEDULES", "500"))
CHUNK = 50


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_nothing_is_lost_doubled_or_trimmed_too_early(campaign: str, workers: Executor) -> None:
    chunks = [range(first, min(first + CHUNK, SCHEDULES)) for first in range(0, SCHEDULES, CHUNK)]
    found = workers.map(wrong_in, [campaign] * len(chunks), chunks)
    wrong = {COMMAND.format(campaign=campaign, seed=seed): what for chunk in found for seed, what in chunk.items()}
    assert wrong == {}


@pytest.mark.parametrize(
    ("campaign", "words"),
    [
        ("faults", ["dies;"]),
        ("sites", ["is wiped", "goes on under epoch", "takes back"]),
        ("below", ["gives way in koroszczyn"]),
        ("region", ["takes back koroszczyn"]),
        ("centre", ["central#", "is restored", "gives way in central", "takes back central"]),
        ("clocks", ["is set to", "watchlist.pl') behind"]),
        ("clones", ["is a clone", "is ended", "finds another history"]),
    ],
)
def test_the_campaigns_come_to_what_they_are_about(campaign: str, words: list[str]) -> None:
    for seed in range(40):
        told = "\n".join(run(CAMPAIGNS[campaign], seed, is_traced=True).books.lines or ())
        told = told.replace("LogId(origin='", "").replace("', epoch=", "/")
        words = [word for word in words if word not in told]
        if not words:
            break
    assert words == []


def test_a_schedule_can_be_told_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "7"]) == 0
    first = capsys.readouterr().out
    assert main(["sites", "7"]) == 0
    assert capsys.readouterr().out == first
    assert first.endswith("healed\n")
    assert main(["unheard of", "7"]) == 2
