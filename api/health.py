"""Whether the node lives, and whether it can do its work."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.doors import Doors


class Health:
    """The endpoints ``/livez`` and ``/readyz``."""

    def __init__(self, doors: Doors) -> None:
        """Tell of this node."""
        self._doors = doors

    async def live(self, _: Request) -> Response:
        """Answer 200: the event loop turns."""
        return _json({"status": "ok", "node": self._doors.node}, 200)

    async def ready(self, _: Request) -> Response:
        """Answer 200, or 503 when a part is not ready; each part is told with its reason."""
        parts = {name: reason or "ok" for name, reason in (await self._doors.readiness()).items()}
        ready = all(state == "ok" for state in parts.values())
        content = {"status": "ok" if ready else "not_ready", "node": self._doors.node, "parts": parts}
        return _json(content, 200 if ready else 503)


def _json(content: object, status: int) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
