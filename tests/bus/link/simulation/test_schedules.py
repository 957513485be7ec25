"""Seeded schedules over the whole shipped link: three levels, everything may fail, all is level afterwards.

`CAIFS_TEST_LINK_SCHEDULES` sets the number of schedules per campaign. A schedule that fails is told again by the
command that the failure names.
"""

import os

import pytest

from tests.bus.link.simulation.replay import COMMAND, main
from tests.bus.link.simulation.schedule import CAMPAIGNS, run, wrong_in

SCHEDULES = int(os.environ.get("CAIFS_TEST_LINK_SCHEDULES", "40"))
SHARDS = 2


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_nothing_is_lost_doubled_or_out_of_order(campaign: str, shard: int) -> None:
    found = wrong_in(campaign, range(shard, SCHEDULES, SHARDS))
    assert {COMMAND.format(campaign=campaign, seed=seed): what for seed, what in found.items()} == {}


@pytest.mark.parametrize(
    ("campaign", "words"),
    [
        (
            "faults",
            ["is ended", "cut are", "forgets", "apply_postponed", "parent_silent", "EntryWithdrawn", "Registered"],
        ),
        ("restores", ["is restored", "epoch_opened", "log_recovered", "log_given_back"]),
        ("clones", ["process_refused", "events are nowhere any more", "log_forked"]),
        ("moves", ["moves to central", "is told that", "log_redirected"]),
        ("clocks", ["is ahead by 1:00:00", "is ahead by -1 day", "log_given_back"]),
        ("erasures", ["erased is"]),
    ],
)
def test_the_campaigns_come_to_what_they_are_about(campaign: str, words: list[str]) -> None:
    for seed in range(30):
        told = "\n".join(run(CAMPAIGNS[campaign], seed, is_traced=True).books.lines or ())
        words = [word for word in words if word not in told]
        if not words:
            break
    assert words == []


def test_a_schedule_can_be_told_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "7"]) == 0
    first = capsys.readouterr().out
    assert main(["faults", "7"]) == 0
    assert capsys.readouterr().out == first
    assert first.endswith("healed\n")
    assert main(["unheard of", "7"]) == 2
