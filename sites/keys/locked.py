"""One program at a time changes what a parent keeps of its children."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LOCK_FILE: Final = "children.lock"


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the lock of a parent's state folder, made if need be; waits for whoever has it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / _LOCK_FILE).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
