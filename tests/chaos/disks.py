"""Small disks in memory, where the system lets us have any, and disks that are full."""

import errno
import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psutil

_BALLAST = "ballast"
_STEP = 64 * 1024


@cache
def are_permitted() -> bool:
    """Tell whether this process may mount a disk in memory."""
    with tempfile.TemporaryDirectory() as folder:
        if not _succeeds("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder):
            return False
        return _succeeds("umount", folder)


def mount(folder: Path, size: int) -> None:
    """Put an empty disk of so many bytes, for its owner only, at an empty folder."""
    _do("mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder))


def unmount(folder: Path) -> None:
    """Take the disk away and leave all that is on it in the folder."""
    if not folder.is_mount():
        return
    (folder / _BALLAST).unlink(missing_ok=True)
    kept = Path(tempfile.mkdtemp(dir=folder.parent))
    _do("cp", "-a", f"{folder}/.", str(kept))
    _do("umount", "--lazy", str(folder))
    _do("cp", "-a", f"{kept}/.", str(folder))
    _do("rm", "-rf", str(kept))


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Have no room on the disk of a folder as long as the block."""
    ballast = folder / _BALLAST
    with ballast.open("wb") as file:
        try:
            _fill(file.fileno())
            yield
        finally:
            with suppress(FileNotFoundError):
                ballast.unlink()


@contextmanager
def files_end_here(pid: int) -> Iterator[None]:
    """Have no file of a process grow past the length that its longest open one has now, as long as the block."""
    longest = max(Path(file.path).stat().st_size for file in psutil.Process(pid).open_files())
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (longest, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _fill(descriptor: int) -> None:
    """Take room in steps of half the size until none is left."""
    step, length = 1 << 30, 0
    while step >= _STEP // 16:
        try:
            os.posix_fallocate(descriptor, length, step)
            length += step
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            step //= 2


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words


def _do(*command: str) -> None:
    subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own words
