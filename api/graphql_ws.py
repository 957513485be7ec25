"""GraphQL over WebSocket: the protocol graphql-transport-ws alone."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from json import JSONDecodeError
from typing import Any

import orjson
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from api.callers import caller_of_socket
from api.context import Context
from api.doors import Doors
from api.language import language
from api.limits import too_much
from api.schema import NodeSchema
from domain.shared.errors import Refusal

LONGEST_MESSAGE = 256 * 1024
MOST_OPERATIONS = 20
FORBIDDEN = 4403
FIRST_MESSAGE_WITHIN = timedelta(seconds=10)
HEARTBEAT_SECONDS = 15.0


class SocketContext(Context):
    """What belongs to one connection."""

    def __init__(self, doors: Doors, connection: HTTPConnection) -> None:
        """Begin; the caller is known after the first message."""
        super().__init__(doors, language(connection.headers.get("accept-language", "")))
        self.connection = connection
        self.connection_params: dict[str, object] = {}


class _Handler(BaseGraphQLTransportWSHandler[SocketContext, None]):
    """One connection: it is kept alive by pings and ends when its token does."""

    _keeper: asyncio.Task[None] | None = None

    async def handle_message(self, message: Message) -> None:
        if _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Not a message of this protocol")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if len(self.operations) < MOST_OPERATIONS:
            await super().handle_subscribe(message)
            return
        error = too_much(f"A connection has at most {MOST_OPERATIONS} operations under way.")
        await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})

    async def shutdown(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        await super().shutdown()

    async def _keep(self) -> None:
        with suppress(WebSocketDisconnected, RuntimeError):  # the caller has left, which the handler sees by itself
            while (remaining := self._remaining()) > 0:
                await asyncio.sleep(min(remaining, HEARTBEAT_SECONDS))
                await self.send_message({"type": "ping"})
            await self.websocket.close(FORBIDDEN, "Token expired")

    def _remaining(self) -> float:
        caller = self.context.caller
        return (caller.expires_at - self.context.doors.clock.now()).total_seconds() if caller else 0.0


class GraphQLOverWebSocket(GraphQL[SocketContext, None]):
    """The endpoint for WebSockets."""

    graphql_transport_ws_handler_class = _Handler

    def __init__(self, doors: Doors, schema: NodeSchema) -> None:
        """Answer with ``schema``."""
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=FIRST_MESSAGE_WITHIN,
            max_subscriptions_per_connection=None,  # told with its code by the handler
            allowed_origins=doors.allowed_origins,
        )
        self._doors = doors

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> SocketContext:  # noqa: ARG002 - strawberry passes both
        """Return the context of a connection whose caller is not known yet."""
        return SocketContext(self._doors, request)

    async def on_ws_connect(self, context: SocketContext) -> dict[str, object]:
        """Let the caller in, or close the connection with 4403."""
        try:
            context.caller = caller_of_socket(context.connection, self._doors, context.connection_params)
        except Refusal as refusal:
            raise ConnectionRejectionError({"code": refusal.code}) from refusal
        return {"node": self._doors.node}

    def decode_json(self, data: str | bytes) -> object:
        """Return a message.

        Raises:
            JSONDecodeError: it is none, or too long.
        """
        if len(data) > LONGEST_MESSAGE:
            raise JSONDecodeError("too long", "", 0)
        decoded: object = orjson.loads(data)
        return decoded

    def encode_json(self, data: object) -> str:
        """Return a message as text: bytes would travel as a binary frame."""
        return orjson.dumps(data).decode()


def _well_formed(message: Any) -> bool:
    match message:
        case {"type": "subscribe", "id": str(), "payload": {"query": str(), **payload}}:
            return isinstance(payload.get("variables"), dict | None) and isinstance(
                payload.get("operationName"), str | None
            )
        case {"type": "subscribe"}:
            return False
        case {"type": "complete", "id": id_}:
            return isinstance(id_, str)
        case {"type": str()}:
            return True
    return False
