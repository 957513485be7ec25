"""Where the servers' files live, so that the account they run as reaches them.

A server's folder is in the node's state folder. If the account cannot get there (a state folder below a private home,
say), the folder is made in `ELSEWHERE/data` and the state folder holds a link to it, which moves with the state;
`remove_state` removes both. Programs that the account cannot reach are copied once to `ELSEWHERE/programs`. Systems
that tidy `/var/tmp` by age may take files from there: a state that shall last belongs where the account reaches it.
"""

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sites.servers.account import Account

ELSEWHERE = Path("/var/tmp/caifs-servers")  # noqa: S108 - root's own folder; its owner and mode are checked before each use


def server_folder(state: Path, name: str, account: Account | None) -> Path:
    """The folder of the server `name`: owned by the account, mode 0700, made if need be.

    Raises:
        FileNotFoundError: it was elsewhere, and is gone.
        PermissionError: the account cannot reach it any more, or `ELSEWHERE` is not ours.
    """
    folder = state / name
    if not (folder.exists() or folder.is_symlink()):
        if account is None or account.may_pass(state):
            folder.mkdir(mode=0o700)
        else:
            folder.symlink_to(tempfile.mkdtemp(prefix=f"{name}-", dir=_elsewhere("data")))
    folder = folder.resolve(strict=True)
    if account:
        os.chown(folder, account.uid, account.gid)
        if not account.may_pass(folder):
            raise PermissionError(f"user {account.uid} cannot reach {folder}")
    return folder


def remove_state(state: Path) -> None:
    """Delete a state folder and what its servers keep elsewhere. The servers have ended."""
    for entry in state.iterdir():
        if entry.is_symlink() and entry.readlink().is_relative_to(ELSEWHERE):
            shutil.rmtree(entry.readlink())
    shutil.rmtree(state)


def reachable_programs(name: str, originals: Mapping[str, Path], account: Account | None) -> dict[str, Path]:
    """Programs and their files where the account can run them.

    Args:
        name: of the copy, with the version.
        originals: the files and folders that belong together, by their place relative to each other.
        account: who shall run them.

    Returns:
        For each place the original, or the copy if the account cannot reach an original.
    """
    if account is None or all(account.may_pass(original) for original in originals.values()):
        return dict(originals)
    copy = _elsewhere("programs") / name
    if not copy.exists():
        _copy(originals, copy)
    return {place: copy / place for place in originals}


def write_private(path: Path, text: str, owner: Account | None = None) -> None:
    """Write a file whole, mode 0600, for the account (None: for ourselves)."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if owner:
            os.fchown(file.fileno(), owner.uid, owner.gid)
        file.write(text)
    fresh.replace(path)


def kept_secret(path: Path) -> str:
    """The secret in the file; made on first use, 256 random bits, safe in a URL."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8")


def _elsewhere(part: str) -> Path:
    """A folder of ours that others may pass through but not list or change."""
    folder = ELSEWHERE / part
    for own in (ELSEWHERE, folder):
        own.mkdir(exist_ok=True)
        status = own.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise PermissionError(f"{own} belongs to somebody else")
        own.chmod(0o711)
    return folder


def _copy(originals: Mapping[str, Path], copy: Path) -> None:
    fresh = Path(tempfile.mkdtemp(dir=copy.parent))
    for place, original in originals.items():
        (fresh / place).parent.mkdir(parents=True, exist_ok=True)
        if original.is_dir():
            shutil.copytree(original, fresh / place, symlinks=True)
        else:
            shutil.copy2(original, fresh / place)
    _open_for_reading(fresh)
    try:
        fresh.rename(copy)
    except OSError:  # another node was faster
        shutil.rmtree(fresh)
        if not copy.exists():
            raise


def _open_for_reading(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
