"""The application: every address of a node and what stands behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from api import graphiql
from api.devices import DevicePush
from api.doors import Doors
from api.graphql_http import GraphQLOverHttp
from api.graphql_ws import GraphQLOverWebSocket
from api.health import Health
from api.known_devices import KnownDevices
from api.push_door import PushDoor
from api.request_log import RequestLog
from api.schema import build_schema


def build_app(doors: Doors) -> ASGIApp:
    """Return the application of a node."""
    devices = KnownDevices(doors.views, doors.live)
    push = DevicePush(doors, devices)
    app = Starlette(
        routes=_routes(doors, push),
        exception_handlers={HTTPException: _refused},
        lifespan=lambda _: _lifespan(doors, devices),
    )
    app.router.redirect_slashes = False
    served: ASGIApp = PushDoor(push, otherwise=app) if doors.role == "site" else app
    return RequestLog(served, ids=doors.ids)


def _routes(doors: Doors, push: DevicePush) -> list[BaseRoute]:
    schema = build_schema(doors.role, development=doors.development)
    health = Health(doors)
    routes: list[BaseRoute] = [
        Route(graphiql.PATH, GraphQLOverHttp(doors, schema)),
        WebSocketRoute(graphiql.PATH, GraphQLOverWebSocket(doors, schema)),
        Route("/livez", health.live),
        Route("/readyz", health.ready),
    ]
    if doors.role == "site":
        routes.append(Route("/devices/{code}/push", push, methods=["POST"]))
    if doors.development and doors.issuer is not None:
        routes.append(Route("/development/{role}", graphiql.sign_in(doors, doors.issuer)))
    return routes


@asynccontextmanager
async def _lifespan(doors: Doors, devices: KnownDevices) -> AsyncIterator[None]:
    async with doors.lifespan():
        watching = asyncio.create_task(devices.watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def _refused(_: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    content = {"problem": {"code": f"HTTP_{refusal.status_code}", "message": refusal.detail}}
    return Response(orjson.dumps(content), refusal.status_code, refusal.headers, "application/json")
