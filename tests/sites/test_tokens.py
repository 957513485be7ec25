from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from adapters.identity.development import GRANTED, KEY_FILE, DevelopmentIssuer
from adapters.system import SystemClock
from domain.shared.actors import Role
from sites.cli import PersonRole, app


def printed(*arguments: str) -> str:
    ended = CliRunner().invoke(app, ["token", *arguments])
    assert ended.exit_code == 0, ended.output
    return str(ended.stdout).strip()


def refused(*arguments: str) -> str:
    ended = CliRunner().invoke(app, ["token", *arguments])
    assert ended.exit_code == 2
    return " ".join(ended.output.replace("│", " ").split())


def test_the_node_takes_the_token_that_is_printed(tmp_path: Path) -> None:
    arguments = ("officer", "--node", "dorohusk", "--state", str(tmp_path), "--name", "anna", "--hours", "2")
    actor, expires_at = DevelopmentIssuer(tmp_path, "dorohusk", SystemClock()).verify(printed(*arguments))
    assert (actor.name, actor.roles) == ("anna", {Role.OFFICER})
    assert timedelta(hours=1, minutes=59) < expires_at - datetime.now(UTC) <= timedelta(hours=2)


def test_node_and_state_may_stand_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIFS_NODE", "dorohusk")
    monkeypatch.setenv("CAIFS_STATE", str(tmp_path))
    actor, _ = DevelopmentIssuer(tmp_path, "dorohusk", SystemClock()).verify(printed("analyst"))
    assert actor.roles == {Role.ANALYST}


def test_every_role_that_tokens_grant_can_be_asked_for() -> None:
    assert set(get_args(PersonRole)) == GRANTED


def test_what_makes_no_sense_is_refused_without_a_trace(tmp_path: Path) -> None:
    node, state = ("--node", "dorohusk"), ("--state", str(tmp_path))
    assert "device" in refused("device", *node, *state)
    assert "does not exist" in refused("officer", *node, "--state", str(tmp_path / "none"))
    (tmp_path / KEY_FILE).write_text("{}")
    (tmp_path / KEY_FILE).chmod(0o644)
    assert "must have mode 0600" in refused("officer", *node, *state)
