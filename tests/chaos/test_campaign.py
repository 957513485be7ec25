"""Real nodes are harmed as a seed says, and nothing that was answered is lost; without a safeguard it would be."""

from collections import Counter
from pathlib import Path
from typing import get_args

import httpx
import pytest

from sites.demo.topology import Topology
from tests.chaos.book import What
from tests.chaos.campaign import Report, Wish, run
from tests.chaos.cluster import PLANS
from tests.chaos.faults import FAULTS
from tests.chaos.trace import replay

pytestmark = pytest.mark.scenario

SEED = 20
POWER_FAILURES = ("roll_back_unapplied",)
FEW = ("central", "dorohusk")


def harmed(wish: Wish) -> Report:
    report = run(wish, print)
    print(report.summary())  # noqa: T201 - shown when the test fails
    return report


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traces")


def test_nothing_is_lost_doubled_or_disordered(traces: Path) -> None:
    report = harmed(Wish(seed=SEED, seconds=20, trace=traces))
    assert report.holds
    assert sum(report.struck.values()) == len(report.plan) > len(FAULTS) / 3
    assert all(report.answered[what] > 0 for what in get_args(What))


def test_the_core_answers_as_it_did_in_the_campaign(traces: Path) -> None:
    same: Counter[str] = Counter()
    for file in traces.iterdir():
        same[file.name.partition(".")[0]] += replay(file)
    assert len(same) == 4
    assert all(count > 0 for count in same.values())


def test_power_failures_lose_nothing() -> None:
    assert harmed(Wish(seed=SEED, seconds=6, kinds=POWER_FAILURES, nodes=FEW)).holds


@pytest.mark.parametrize(("mutant", "seconds"), [("trusts_broker", 6), ("watermark_apart", 2)])
def test_without_a_safeguard_the_same_faults_lose_what_was_answered(mutant: str, seconds: float) -> None:
    report = harmed(Wish(seed=SEED, seconds=seconds, kinds=POWER_FAILURES, nodes=FEW, mutant=mutant, patience=8))
    assert report.verdict.lost
    assert report.state is not None
    Topology(report.state, httpx.AsyncClient(), {code: PLANS[code] for code in FEW}).remove()
