"""Somebody at a node: asks over HTTP, follows over WebSocket, by the public interface only."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

PURPOSE: Final = "demonstration"
PROTOCOL: Final = Subprotocol("graphql-transport-ws")
LONGEST_MESSAGE: Final = 1 << 20
RETRY_AFTER: Final = 0.5


class Refused(Exception):  # noqa: N818 - the node's word, not a fault
    """A node did not do as it was asked.

    Attributes:
        code: of the problem or error.
        problem: all that the node says of it.
    """

    def __init__(self, code: str, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{code}: {problem.get('message', '')}")
        self.code = code
        self.problem = problem


class Desk:
    """Somebody who is signed in at a node."""

    def __init__(self, http: httpx.AsyncClient, url: str, token: str, purpose: str = PURPOSE) -> None:
        """Ask the node at ``url`` as the one who bears the token, for the purpose given."""
        self._http = http
        self._url = f"{url}/graphql"
        self._authorization = f"Bearer {token}"
        self._purpose = purpose

    async def look(self, document: str, **variables: Any) -> dict[str, Any]:
        """Return the data of a query.

        Raises:
            Refused: there are errors.
            httpx.TransportError: the node does not answer.
        """
        answer = await self._http.post(
            self._url,
            json={"query": document, "variables": variables},
            headers={"Authorization": self._authorization, "X-Purpose": self._purpose},
        )
        return _data(answer.json())

    async def ask(self, document: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a document of one mutation answers to ``$input``; an object with ``__typename``.

        Raises:
            Refused: the answer is a problem, or there are errors.
            httpx.TransportError: the node does not answer.
        """
        (answer,) = (await self.look(document, input=wish)).values()
        if "code" in answer:
            raise Refused(answer["code"], answer)
        return dict(answer)

    async def insist(self, document: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Ask until the node answers; the idempotency key in ``wish`` makes it happen once.

        Raises:
            Refused: the answer is a problem, or there are errors.
        """
        while True:
            try:
                return await self.ask(document, wish)
            except httpx.TransportError:
                await asyncio.sleep(RETRY_AFTER)

    async def follow(self, *documents: str) -> AsyncIterator[dict[str, Any]]:
        """Yield what the subscriptions in ``documents`` tell, over one connection, until it is closed.

        Raises:
            Refused: a subscription is refused.
            OSError, websockets.WebSocketException: the node does not answer.
        """
        url = self._url.replace("http", "ws", 1)
        async with connect(url, subprotocols=[PROTOCOL], max_size=LONGEST_MESSAGE, compression=None) as socket:
            identity = {"authorization": self._authorization, "purpose": self._purpose}
            await socket.send(json.dumps({"type": "connection_init", "payload": identity}))
            async for text in socket:
                message = json.loads(text)
                match message["type"]:
                    case "connection_ack":
                        for number, document in enumerate(documents):
                            subscribe = {"type": "subscribe", "id": str(number), "payload": {"query": document}}
                            await socket.send(json.dumps(subscribe))
                    case "next":
                        yield _data(message["payload"])
                    case "ping":
                        await socket.send('{"type": "pong"}')
                    case "error":
                        raise _refused(message["payload"])


def _data(payload: Mapping[str, Any]) -> dict[str, Any]:
    if payload.get("errors"):
        raise _refused(payload["errors"])
    return dict(payload["data"])


def _refused(errors: list[dict[str, Any]]) -> Refused:
    first = errors[0]
    return Refused(first.get("extensions", {}).get("code", "ERROR"), first)
