"""One node of the demo: a process of its own, told everything by its environment."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from sites import own_servers
from sites.servers.child import Child, ChildError, claimed_output
from sites.servers.ports import LOOPBACK
from sites.settings import DATABASE_FILE, Role

READY_WITHIN = 120.0
_LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one node of the demo is."""

    code: str
    role: Role
    parent: str | None
    scopes: tuple[str, ...] = ()


def above(plans: Mapping[str, Plan], code: str) -> Sequence[str]:
    """Return the nodes above a node, its parent first and the centre last."""
    parent = plans[code].parent
    return () if parent is None else (parent, *above(plans, parent))


class Node:
    """One node of the demo: a process that can be started, stopped and killed."""

    def __init__(self, plan: Plan, state: Path, environment: Mapping[str, str]) -> None:
        """Describe it; nothing runs yet."""
        self.plan = plan
        self.code = plan.code
        self.state = state
        self.url = f"http://{LOOPBACK}:{environment['CAIFS_HTTP_PORT']}"
        self._environment = environment
        self._child: Child | None = None

    @property
    def database_file(self) -> Path:
        """The database of a site."""
        return self.state / DATABASE_FILE

    @property
    def database_url(self) -> str:
        """The database of a region or the centre that has been started; secret included."""
        return own_servers.database_url(self.state)

    @property
    def database(self) -> Path | str:
        """The file of a site or the URL of another node, secret included."""
        return self.database_file if self.plan.role == "site" else self.database_url

    @property
    def environment(self) -> Mapping[str, str]:
        """All that it is told; secrets included."""
        return self._environment

    @property
    def command(self) -> Sequence[str]:
        """The program that it is, and its arguments."""
        return [sys.executable, "-m", "sites.cli", self.plan.role]

    @property
    def pid(self) -> int | None:
        """Of its process, if it was started."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the process; from the main thread.

        Raises:
            ChildError: the node runs already.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "http.url").unlink(missing_ok=True)
        with claimed_output(self.state / "node.log") as output:
            self._child = Child(self.command, output=output, environment=self._environment)

    async def ready(self, http: httpx.AsyncClient, within: float = READY_WITHIN) -> None:
        """Wait until it serves, at most so many seconds.

        Raises:
            ChildError: it ended, or is not ready in time.
        """
        deadline = time.monotonic() + within
        while not await self._serves(http):
            self.check()
            if time.monotonic() > deadline:
                raise ChildError(f"node {self.code} does not serve within {within:g} s", self._last_lines())
            await asyncio.sleep(_LOOK_EVERY)

    def check(self) -> None:
        """See that it runs.

        Raises:
            ChildError: it does not.
        """
        if self._child is None or self._child.status is not None:
            raise ChildError(f"node {self.code} has ended", self._last_lines())

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End it at once, as a crash would; its servers follow."""
        if self._child:
            self._child.kill()

    def _last_lines(self) -> str:
        return self._child.last_lines() if self._child else ""

    async def _serves(self, http: httpx.AsyncClient) -> bool:
        if not (self.state / "http.url").exists():
            return False
        try:
            return (await http.get(f"{self.url}/readyz")).is_success
        except httpx.TransportError:
            return False
