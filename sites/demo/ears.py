"""Subscribers at all nodes, who hear what passes and what alarms."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from websockets.exceptions import WebSocketException

from domain.shared.actors import Role
from sites.demo.book import Book
from sites.demo.node import Node
from sites.demo.officers import TEST
from sites.demo.show import AlarmHeard, Show
from sites.demo.topology import Topology

AGAIN_AFTER = 0.5
REGISTRATIONS = "subscription Registrations { registrations { registration { node label } } }"
ALARMS = """subscription Alarms {
  alarms {
    change
    alarm {
      id node source lane label text priority state acknowledgedBy acknowledgedAt
      match { title tier key read matched }
    }
  }
}
"""

Taking = Callable[[Mapping[str, Any]], None]
"""Told of an alarm at the site that raised it."""


class Ears:
    """Subscribers at all nodes.

    Attributes:
        tested: which nodes have heard a test alarm of which site.
    """

    def __init__(self, topology: Topology, book: Book, show: Show, taking: Taking) -> None:
        """Enter what is heard in ``book``, and show it."""
        self._topology = topology
        self._book = book
        self._show = show
        self._taking = taking
        self.tested: set[tuple[str, str]] = set()

    async def listen(self) -> None:
        """Listen at all nodes, until cancelled."""
        await asyncio.gather(*map(self._listen_at, self._topology.nodes.values()))

    async def _listen_at(self, node: Node) -> None:
        desk = self._topology.desk(node.code, f"demo-officer-{node.code}", (Role.OFFICER,))
        while True:
            try:
                async for told in desk.follow(REGISTRATIONS, ALARMS):
                    self._hear(node, told, time.perf_counter())
            except (OSError, WebSocketException):
                pass  # the node is away for a while
            await asyncio.sleep(AGAIN_AFTER)

    def _hear(self, node: Node, told: Mapping[str, Any], at: float) -> None:
        if "alarms" in told:
            self._hear_alarm(node, told["alarms"]["change"], told["alarms"]["alarm"], at)
        else:
            self._hear_registration(node, told["registrations"]["registration"], at)

    def _hear_registration(self, node: Node, registration: Mapping[str, Any], at: float) -> None:
        passing = self._book.find(registration["node"], registration["label"])
        if passing is not None:
            self._book.hear(node.code, node.plan.role, "registrations", passing, at)
            self._show.passed(node.code, passing)

    def _hear_alarm(self, node: Node, change: str, alarm: Mapping[str, Any], at: float) -> None:
        if alarm["label"] == TEST:
            self.tested.add((node.code, alarm["node"]))
            return
        passing = self._book.find(alarm["node"], alarm["label"])
        latency = None
        if passing is not None and change == "RAISED":
            latency = self._book.hear(node.code, node.plan.role, "alarms", passing, at)
            if passing.site == node.code:
                self._taking(alarm)
        self._show.alarmed(AlarmHeard(node=node.code, change=change, alarm=alarm, latency=latency))
