"""Whether a node can do its work. A site is ready without its parent: it works alone."""

import asyncio
from collections.abc import Mapping

import structlog

from adapters.database.node import rewrite
from adapters.database.session import Database
from domain.shared.errors import Refusal

WITHIN_SECONDS = 2.0
REMEMBERED_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class Readiness:
    """Asks the database to make something durable: reading still works when its writer has died or its disk is full."""

    def __init__(self, database: Database, node: str) -> None:
        """Ask ``database`` of ``node``."""
        self._database = database
        self._node = node
        self._asked: asyncio.Task[str | None] | None = None
        self._asked_at = 0.0

    async def __call__(self) -> Mapping[str, str | None]:
        """Tell of each part why it is not ready, or None; however many ask, the database is asked once a second."""
        now = asyncio.get_running_loop().time()
        if self._asked is None or (self._asked.done() and now - self._asked_at >= REMEMBERED_SECONDS):
            self._asked = asyncio.create_task(self._ask())
            self._asked_at = now
        return {"database": await asyncio.shield(self._asked)}

    async def _ask(self) -> str | None:
        try:
            async with asyncio.timeout(WITHIN_SECONDS):
                await rewrite(self._database, self._node)
        except TimeoutError:
            return f"The node's database takes nothing within {WITHIN_SECONDS:g} seconds."
        except Refusal as refusal:
            return refusal.message
        except Exception:  # noqa: BLE001 - whatever it is, nothing can be put on record
            _log.exception("not_ready")
            return "The node's database takes nothing."
        return None
