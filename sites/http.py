"""The node's HTTP server."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import uvicorn
from starlette.types import ASGIApp

from sites.settings import HttpSettings

ADDRESS_FILE = "http.url"
BACKLOG = 2048
SHUTDOWN_SECONDS = 5
WEBSOCKET_MESSAGE_MAX = 256 * 1024
_TOLD_AGAIN_AFTER = 1.0

_log = structlog.get_logger(__name__)


async def serve(app: ASGIApp, settings: HttpSettings, state: Path) -> None:
    """Serve until a signal says stop. The address is in the file `ADDRESS_FILE` of the state folder while it does.

    Where its disk has no room even for that, it serves all the same, and writes the address when there is.
    """
    listener = socket.create_server((settings.host, settings.port), backlog=BACKLOG)
    host, port = listener.getsockname()[:2]
    address, serves = state / ADDRESS_FILE, asyncio.Event()
    server = _Server(
        serves.set,
        uvicorn.Config(
            app,
            http="httptools",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=WEBSOCKET_MESSAGE_MAX,
            access_log=False,
            proxy_headers=False,
            log_config=None,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ),
    )
    settle_memory()
    telling = asyncio.create_task(_tell(address, f"http://{host}:{port}", serves))
    try:
        await server.serve(sockets=[listener])
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        address.unlink(missing_ok=True)


async def _tell(address: Path, url: str, serves: asyncio.Event) -> None:
    """Write the address to its file once the server serves, as soon as that can be done."""
    await serves.wait()
    fresh = address.with_name(f"{address.name}.new")
    while True:
        try:
            fresh.write_text(f"{url}\n")
            fresh.replace(address)
        except OSError as refusal:
            _log.warning("address_not_written", file=str(address), error=str(refusal))
            await asyncio.sleep(_TOLD_AGAIN_AFTER)
        else:
            return


class _Server(uvicorn.Server):
    """A server that tells when it serves, and that ends on a signal without raising it again, as uvicorn's own does.

    That would end the process before its database and its other servers are closed.
    """

    def __init__(self, serves: Callable[[], object], config: uvicorn.Config) -> None:
        super().__init__(config)
        self._serves = serves

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._serves()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def settle_memory() -> None:
    """Keep schema, modules and caches out of every later collection, and collect less often than by the thousand.

    Full collections over them caused pauses of tens of milliseconds, and a batch of events makes thousands of objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
