import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest

from sites.servers.account import server_account
from sites.servers.child import Child, claimed_output
from sites.servers.folders import remove_state, server_folder
from sites.servers.postgres import PostgresServer

Start = Callable[..., tuple[PostgresServer, str]]


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    state = tmp_path_factory.mktemp("private") / "central"
    state.parent.chmod(0o700)
    yield state
    remove_state(state)


@pytest.fixture(scope="module")
def server(state: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(state)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def url(server: PostgresServer) -> str:
    return server.start()


async def test_it_is_durable_and_orders_by_code_point(url: str) -> None:
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await value(url, f"SHOW {name}") == "on"
    assert await value(url, "SHOW server_encoding") == "UTF8"
    assert await value(url, "SELECT lower('ŻÓŁĆ') || ('Z' < 'a')::text") == "żółćtrue"


async def test_it_is_unprivileged_and_on_loopback_only(url: str, state: Path) -> None:
    process = psutil.Process(int((state / "postgres" / "data" / "postmaster.pid").read_text().split()[0]))
    assert 0 not in process.uids()
    assert process.net_connections("unix") == []
    assert [connection.laddr for connection in process.net_connections("inet")] == [("127.0.0.1", urlsplit(url).port)]


async def test_a_private_home_stays_private(url: str, state: Path) -> None:
    folder = Path(str(await value(url, "SHOW data_directory"))).parent
    assert folder.is_relative_to(state) == (os.geteuid() != 0)
    assert mode(folder) == 0o700
    assert mode(state.parent) == 0o700


async def test_nobody_gets_in_without_the_password(url: str, state: Path) -> None:
    password = urlsplit(url).password
    with pytest.raises(asyncpg.InvalidPasswordError):
        await value(url.replace(password, "guessed"), "SELECT 1")
    assert (state / "postgres.secret").read_text() == password
    assert mode(state / "postgres.secret") == 0o600
    assert [file.name for file in (state / "postgres").iterdir()] == ["data"]
    assert password not in (state / "postgres.log").read_text()
    commands = [" ".join(child.cmdline()) for child in psutil.Process().children()]
    assert any("postgres" in command for command in commands)
    assert not any(password in command for command in commands)


async def test_a_database_is_created_once(server: PostgresServer, url: str) -> None:
    region = await server.create_database("region_lublin")
    await value(region, "CREATE TABLE fact (id int)")
    assert await server.create_database("region_lublin") == region
    assert await value(region, "SELECT count(*) FROM fact") == 0
    assert await value(region, "SELECT current_database()") == "region_lublin"
    with pytest.raises(ValueError, match="not a database name"):
        await server.create_database('x"; DROP DATABASE region_lublin')
    assert await value(url, "SELECT count(*) FROM pg_database") == 4


async def test_what_was_committed_survives_a_crash_and_a_stop(server: PostgresServer, url: str) -> None:
    await value(url, "CREATE TABLE fact AS SELECT 1 AS id")
    server.kill()
    assert server.start() == url
    server.stop()
    assert server.start() == url
    assert await value(url, "SELECT id FROM fact") == 1


async def test_a_lock_file_that_names_a_stranger_is_stale(
    server: PostgresServer, url: str, state: Path, stopping: ExitStack, tmp_path: Path
) -> None:
    server.kill()
    with claimed_output(tmp_path / "stranger") as output:
        stranger = Child(["/bin/sleep", "60"], output=output, account=server_account())
    stopping.callback(stranger.kill)
    lock = state / "postgres" / "data" / "postmaster.pid"
    lock.write_text("\n".join([str(stranger.pid), *lock.read_text().splitlines()[1:]]))
    assert server.start() == url
    assert await value(url, "SELECT 1") == 1


async def test_it_takes_another_port_when_its_own_is_taken(server: PostgresServer, url: str) -> None:
    server.stop()
    with socket.create_server(("127.0.0.1", urlsplit(url).port)):
        moved = server.start()
    assert urlsplit(moved).port != urlsplit(url).port
    assert await value(moved, "SELECT 1") == 1


async def test_a_reachable_state_folder_holds_the_data_and_half_made_data_is_made_anew(
    start_postgres: Start, open_home: Path
) -> None:
    state = open_home / "state"
    state.mkdir()
    state.chmod(0o711)
    half_made = server_folder(state, "postgres", server_account()) / "data.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18")
    _, url = start_postgres(state, durable=False)
    assert await value(url, "SHOW data_directory") == str(state / "postgres" / "data")
    assert await value(url, "SHOW fsync") == "off"
    assert not half_made.exists()
    assert mode(open_home) == 0o711


async def test_it_can_be_told_other_settings(home: Path, start_postgres: Start) -> None:
    settings = {"wal_level": "logical", "work_mem": "8MB"}
    _, url = start_postgres(home / "central", durable=False, settings=settings)
    assert [await value(url, f"SHOW {name}") for name in settings] == list(settings.values())
    assert await value(url, "SHOW timezone") == "UTC"
