"""Programs that end with the process that started them, however that one dies.

The kernel sends the child its death signal when the *thread* that started it ends (Linux, PR_SET_PDEATHSIG), so it is
started from the main thread only. A child has a session of its own: Ctrl-C in the terminal reaches the parent alone,
which then decides.
"""

import asyncio
import ctypes
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO

from sites.servers.account import Account

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 0.02  # seconds
_LAST_LINES = 20


class ChildError(RuntimeError):
    """A child ended early, was not ready in time, or its predecessor did not end.

    Attributes:
        output: the last lines it printed.
    """

    def __init__(self, what: str, output: str = "") -> None:
        super().__init__(f"{what}; its last lines:\n{output}" if output else what)
        self.output = output


@contextmanager
def claimed_output(path: Path, *, within: float = 30.0) -> Iterator[BinaryIO]:
    """Open the file that a child's output is added to (mode 0600), once its predecessor is gone.

    The file is locked, and the child and every process it leaves behind share the lock for as long as they live.
    Holding it therefore proves that nothing is left of an earlier child with the same output.

    Args:
        path: the file; its folder exists.
        within: seconds to wait for the predecessor's end.

    Raises:
        ChildError: a process that writes into the file still lives.
    """
    path.touch(mode=0o600)
    with path.open("ab") as output:
        if not _came_true(lambda: _locked(output), within):
            raise ChildError(f"{path} is in use: an earlier program of this state folder still runs")
        yield output


@asynccontextmanager
async def claimed_meanwhile(path: Path) -> AsyncIterator[BinaryIO]:
    """Do as `claimed_output` does, and wait in a thread."""
    with ExitStack() as claim:
        yield await asyncio.to_thread(claim.enter_context, claimed_output(path))


class Child:
    """One running program; starts when made."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        output: BinaryIO,
        account: Account | None = None,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Start the program.

        Args:
            command: absolute path and arguments; other users of the machine can read them, so no secrets.
            output: what `claimed_output` gave; takes stdout and stderr.
            account: whom it runs as, in `/`; None: as ourselves, in our folder.
            environment: all of it; None: ours.
            stop_signal: the polite request to end.
            death_signal: sent by the kernel when we die.

        Raises:
            RuntimeError: this is not the main thread.
            OSError: there is no such program, or we may not run it.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a child would end with this thread: start it from the main thread")
        self._name = Path(command[0]).name
        self._path = Path(output.name)
        self._printed_before = os.fstat(output.fileno()).st_size
        self._stop_signal = stop_signal
        self._process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/" if account else None,
            env=environment,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
            preexec_fn=_tied_to(os.getpid(), death_signal),  # noqa: PLW1509 - runs after the change of user, takes no lock
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[], bool], *, within: float = 30.0) -> None:
        """Wait for a condition that the child brings about; if it does not within so many seconds, kill the child.

        Raises:
            ChildError: it ended first, or the time is over.
        """
        if not _came_true(lambda: self.status is not None or ready(), within):
            self.kill()
            raise ChildError(f"{self._name} was not ready within {within:g} s", self.last_lines())
        if self.status is not None:
            raise ChildError(f"{self._name} ended with status {self.status}", self.last_lines())

    def wait_for_success(self, *, within: float) -> None:
        """Wait for the child's own end.

        Raises:
            ChildError: it failed, or the time (seconds) is over and it was killed.
        """
        if not _came_true(lambda: self.status is not None, within):
            self.kill()
        if self.status != 0:
            raise ChildError(f"{self._name} ended with status {self.status}", self.last_lines())

    def last_lines(self) -> str:
        """The last lines that this child printed."""
        with self._path.open("rb") as output:
            output.seek(self._printed_before)
            lines = output.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_LAST_LINES:])

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; does nothing to a child that has ended."""
        self._process.send_signal(number)

    def stop(self, *, within: float = 20.0) -> None:
        """Ask it to end, wait so many seconds, then kill it. Does nothing to a child that has ended."""
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once (SIGKILL). Does nothing to a child that has ended."""
        self._process.kill()
        self._process.wait()


def _tied_to(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    number = int(death_signal)

    def tie() -> None:
        failed = _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if failed or os.getppid() != parent:  # the parent may have died before the kernel knew
            os.kill(os.getpid(), signal.SIGKILL)

    return tie


def _locked(output: BinaryIO) -> bool:
    try:
        fcntl.flock(output, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _came_true(condition: Callable[[], bool], within: float) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_EVERY)
    return True
