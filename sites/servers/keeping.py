"""Has servers that a node brings along run: one that has ended or hangs is started anew."""

import asyncio
from typing import Final, Protocol

import structlog

from sites.servers.child import ChildError

ASK_EVERY: Final = 1.0
HANGS_AFTER: Final = 15.0
LONGEST_PAUSE: Final = 300.0

_log = structlog.get_logger(__name__)


class OwnServer(Protocol):
    """A server that a node brings along."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    @property
    def runs(self) -> bool:
        """Whether its process has not ended."""
        ...

    async def answers(self) -> bool:
        """Tell whether it does its work, within a few seconds."""
        ...

    async def restart(self) -> None:
        """End it, though it may hang, and start it where it was, from the main thread; threads do the waiting.

        Raises:
            ChildError, OSError: it did not start; it may be tried again.
        """
        ...


async def keep(server: OwnServer, hangs_after: float = HANGS_AFTER) -> None:
    """Ask a server every second, until cancelled.

    It is started anew at once when it has ended, and when it has not answered for so many seconds; when that does not
    help, again after as long, then twice as long, up to five minutes.
    """
    now = asyncio.get_running_loop().time
    silent_since, pause = None, 0.0
    while True:
        await asyncio.sleep(ASK_EVERY)
        if await server.answers():
            silent_since, pause = None, 0.0
            continue
        silent_since = now() if silent_since is None else silent_since  # not before: this process may have stood still
        if now() - silent_since >= (pause or (hangs_after if server.runs else 0.0)):
            await _start_anew(server)
            silent_since, pause = now(), min(max(2 * pause, hangs_after), LONGEST_PAUSE)


async def _start_anew(server: OwnServer) -> None:
    _log.error("server_started_anew", server=server.name, had_ended=not server.runs)
    try:
        await server.restart()
    except (ChildError, OSError) as fault:
        _log.error("server_not_started", server=server.name, error=str(fault))
