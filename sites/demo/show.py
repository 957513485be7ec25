"""How the demo shows what happens: to whoever wants to hear of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sites.demo.book import Passing
from sites.demo.lag import Lag
from sites.demo.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmHeard:
    """A node told of an alarm.

    Attributes:
        node: who told.
        change: what happened to it, as in the schema.
        alarm: as told.
        latency: milliseconds since the push; None where it is not counted.
    """

    node: str
    change: str
    alarm: Mapping[str, Any]
    latency: float | None


class Show(Protocol):
    """Whoever shows what happens; must not block."""

    def opened(self, topology: Topology, ready_seconds: float) -> None:
        """All nodes serve, so many seconds after they were started."""
        ...

    def say(self, text: str) -> None:
        """Say what the demo does."""
        ...

    def passed(self, node: str, passing: Passing) -> None:
        """A node has told that a passing is on record."""
        ...

    def alarmed(self, heard: AlarmHeard) -> None:
        """A node has told of an alarm."""
        ...

    def lags(self, lags: Mapping[str, Lag]) -> None:
        """Nodes are so far behind, by code."""
        ...


class Silence:
    """Shows nothing."""

    def opened(self, topology: Topology, ready_seconds: float) -> None:
        """Show nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def passed(self, node: str, passing: Passing) -> None:
        """Show nothing."""

    def alarmed(self, heard: AlarmHeard) -> None:
        """Show nothing."""

    def lags(self, lags: Mapping[str, Lag]) -> None:
        """Show nothing."""
