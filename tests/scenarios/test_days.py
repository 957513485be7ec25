"""`caifs day` as its user runs it: what was planted is found at the centre, and nothing else."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.scenario


def test_a_day_of_malaszewicze() -> None:
    command = [sys.executable, "-m", "sites.cli", "day", "malaszewicze", "--seed", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "11 trains, 308 wagons, 423 containers on record at the centre" in done.stdout
    assert "all anomalies found, none invented" in done.stdout.splitlines()[-1]


def test_a_day_of_koroszczyn() -> None:
    command = [sys.executable, "-m", "sites.cli", "day", "koroszczyn", "--seed", "7", "--vehicles", "60"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "60 visits, " in done.stdout
    assert "all anomalies found, none invented" in done.stdout.splitlines()[-1]
