"""Pushes of devices are most of what a site serves: they go to their endpoint past the routing of everything else."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_PATH = re.compile(r"/devices/([^/]+)/push")


class PushDoor:
    """Sends pushes one way and all else the other."""

    def __init__(self, push: ASGIApp, otherwise: ASGIApp) -> None:
        """Stand before ``otherwise``."""
        self._push = push
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self._otherwise(scope, receive, send)
            return
        scope["path_params"] = {"code": found[1]}
        await self._push(scope, receive, send)
