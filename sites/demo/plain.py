"""The show where there is no terminal: a line for whatever happens, or nothing."""

import time
from collections.abc import Mapping
from datetime import datetime

from rich.console import Console

from sites.demo.book import Passing
from sites.demo.lag import Lag
from sites.demo.show import AlarmHeard
from sites.demo.topology import Topology

LAGS_EVERY = 5.0


class PlainLines:
    """Prints a line for whatever happens."""

    def __init__(self, console: Console) -> None:
        """Print on ``console``."""
        self._console = console
        self._lags_at = 0.0

    def opened(self, topology: Topology, ready_seconds: float) -> None:
        """Print the addresses to open."""
        self.say(f"all nodes serve after {ready_seconds} s")
        for node in topology.nodes.values():
            self.say(f"{node.code}: {node.url}/development/officer (also analyst, administrator, auditor)")

    def say(self, text: str) -> None:
        """Print what the demo does."""
        now = datetime.now().astimezone()
        self._console.print(f"{now:%H:%M:%S} {text}", highlight=False, markup=False, soft_wrap=True)

    def passed(self, node: str, passing: Passing) -> None:
        """Print what passed, as its site tells it."""
        if node == passing.site:
            self.say(f"{passing.site} {passing.lane}: {passing.label} ({passing.country}) {passing.kind}")

    def alarmed(self, heard: AlarmHeard) -> None:
        """Print what alarms where."""
        alarm, after = heard.alarm, "" if heard.latency is None else f" after {heard.latency:.0f} ms"
        what = f"{alarm['label']} at {alarm['node']} {alarm['lane']}: {alarm['text']}"
        by = f" by {alarm['acknowledgedBy']}" if alarm["acknowledgedBy"] else ""
        self.say(f"ALARM {heard.change.lower()}{by}, heard at {heard.node}{after}: {what}")

    def lags(self, lags: Mapping[str, Lag]) -> None:
        """Print now and then how far behind the nodes are."""
        if time.monotonic() - self._lags_at > LAGS_EVERY:
            self._lags_at = time.monotonic()
            told = ", ".join(f"{code} {lag.waiting} events {lag.seconds} s" for code, lag in lags.items())
            self.say(f"not yet confirmed by the centre: {told}")
