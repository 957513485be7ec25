"""What the command ``caifs`` says where the source tree is not at hand."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from sites.cli import app


def test_chaos_says_that_it_needs_the_source_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.chaos.command", None)
    answer = CliRunner().invoke(app, ["chaos", "--seed", "1"])
    assert answer.exit_code == 2
    assert "needs the source tree" in answer.output


def test_a_command_loads_neither_databases_nor_the_api_before_it_needs_them() -> None:
    look = (
        "import sys, sites.cli; print(*sorted({'alembic', 'sqlalchemy', 'strawberry', 'uvicorn'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own program
    assert loaded.split() == []


def test_chaos_refuses_faults_that_it_does_not_know() -> None:
    answer = CliRunner().invoke(app, ["chaos", "--faults", "kill_node,weather"])
    assert answer.exit_code == 2
    assert "weather: none of kill_node" in " ".join(answer.output.replace("│", " ").split())
