"""A node that answers what a test says."""

import json
from typing import Any

import httpx

from sites.desk import Desk


class AnsweringNode:
    """Answers what it is told to, and remembers what it was asked. It is away as often as it is told to be."""

    def __init__(self, *answers: dict[str, Any], away: int = 0) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: httpx.Headers | None = None
        self._answers = list(answers)
        self._away = away

    def desk(self) -> Desk:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return Desk(http, "http://node", "token", purpose="patrol")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(request.content)["variables"])
        self.headers = request.headers
        if len(self.asked) <= self._away:
            raise httpx.ConnectError("away")
        return httpx.Response(200, json=self._answers.pop(0))
