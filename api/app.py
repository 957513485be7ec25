"""The application: every address of a node and what stands behind it."""

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
from api.pictures import Pictures
from api.push_door import PushDoor
from api.request_log import RequestLog
from api.schema import build_schema


def build_app(doors: Doors) -> ASGIApp:
    """Return the application of a node."""
    push = None if doors.intake is None else DevicePush(doors.intake)
    app = Starlette(
        routes=_routes(doors, push),
        exception_handlers={HTTPException: _refused},
        lifespan=lambda _: doors.lifespan(),
    )
    app.router.redirect_slashes = False
    served: ASGIApp = app if push is None else PushDoor(push, otherwise=app)
    return RequestLog(served, ids=doors.ids)


def _routes(doors: Doors, push: DevicePush | None) -> list[BaseRoute]:
    schema = build_schema(doors.role, development=doors.development)
    health, pictures = Health(doors), Pictures(doors)
    routes: list[BaseRoute] = [
        Route(graphiql.PATH, GraphQLOverHttp(doors, schema)),
        WebSocketRoute(graphiql.PATH, GraphQLOverWebSocket(doors, schema)),
        Route("/livez", health.live),
        Route("/readyz", health.ready),
        Route("/pictures/{owner}/{hash}", pictures.whole, methods=["GET"]),
        Route("/pictures/{owner}/{hash}/thumbnail", pictures.thumbnail, methods=["GET"]),
    ]
    if push is not None:
        routes.append(Route("/devices/{code}/push", push, methods=["POST"]))
    if doors.development and doors.issuer is not None:
        routes.append(Route("/development/{role}", graphiql.sign_in(doors, doors.issuer)))
    return routes


async def _refused(_: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    content = {"problem": {"code": f"HTTP_{refusal.status_code}", "message": refusal.detail}}
    return Response(orjson.dumps(content), refusal.status_code, refusal.headers, "application/json")
