"""The node's HTTP server."""

import asyncio
import gc
import socket
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from sites.settings import HttpSettings

BACKLOG = 2048
SHUTDOWN_SECONDS = 5


async def serve(app: Starlette, settings: HttpSettings, state: Path) -> None:
    """Serve until a signal says stop. The address is in the file ``http.url`` of the state folder while it does."""
    listener = socket.create_server((settings.host, settings.port), backlog=BACKLOG)
    host, port = listener.getsockname()[:2]
    address = state / "http.url"
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    )
    _settle_memory()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        address.write_text(f"http://{host}:{port}\n")
        await serving
    finally:
        address.unlink(missing_ok=True)


def _settle_memory() -> None:
    """Keep schema, modules and caches out of every later collection: they caused pauses of tens of milliseconds."""
    gc.collect()
    gc.freeze()
