import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from sites.servers.folders import remove_state
from sites.servers.nats import NatsAddress, NatsServer, NatsSettings
from sites.servers.postgres import PostgresServer
from tests.waiting import until

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder of mode 0700, in which state folders are made; they are removed with what they keep elsewhere."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    yield home
    for state in home.iterdir():
        remove_state(state)


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A folder that everybody may pass."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def stopping(home: Path, open_home: Path) -> Iterator[ExitStack]:  # noqa: ARG001 - they go after what stops here
    """What is put on it ends before the state folders go."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start_nats(home: Path, stopping: ExitStack) -> Callable[..., tuple[NatsServer, NatsAddress]]:
    def start(name: str, **settings: object) -> tuple[NatsServer, NatsAddress]:
        server = NatsServer(home / name, NatsSettings(name=name, **settings))
        stopping.callback(server.stop)
        return server, server.start()

    return start


@pytest.fixture
def start_postgres(stopping: ExitStack) -> Callable[..., tuple[PostgresServer, str]]:
    def start(state: Path, **options: Any) -> tuple[PostgresServer, str]:
        server = PostgresServer(state, **options)
        stopping.callback(server.stop)
        return server, server.start()

    return start


@pytest.fixture
def start_parent(stopping: ExitStack) -> Callable[[str, Path], subprocess.Popen[str]]:
    """Run Python code with a folder as its argument in another process."""

    def start(code: str, folder: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, str(folder)]
        parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - the test's own code
        stopping.enter_context(parent)
        stopping.callback(parent.kill)
        return parent

    return start


@pytest.fixture
def all_end() -> Callable[[list[psutil.Process]], Awaitable[None]]:
    async def wait(processes: list[psutil.Process]) -> None:
        await until(lambda: not any(map(_alive, processes)))

    return wait


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
