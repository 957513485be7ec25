"""One program at a time on a state folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK_FILE: Final = "node.lock"


class StateInUse(Exception):  # noqa: N818 - a state of the installation
    """A node runs on this state folder."""


@contextmanager
def occupied(state: Path) -> Iterator[None]:
    """Hold a state folder, made if need be, for as long as this program works on it.

    Raises:
        StateInUse: somebody else holds it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / LOCK_FILE).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUse(f"a node runs on {state}") from None
        yield
