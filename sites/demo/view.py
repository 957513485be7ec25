"""The show in a terminal: addresses, what passes, what alarms at each level, how far replication lags."""

from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sites.demo.book import Passing
from sites.demo.lag import Lag
from sites.demo.show import AlarmHeard
from sites.demo.topology import Topology

KEPT = 60
REFRESHES = 4
_AROUND = 17  # lines that are neither passings nor alarms
_STYLES = {1: "bold red", 2: "yellow", 3: "cyan"}


class LiveView:
    """A screen that is drawn anew four times a second, within its ``with`` block."""

    def __init__(self, console: Console) -> None:
        """Draw on ``console``."""
        self._console = console
        self._topology: Topology | None = None
        self._said: deque[str] = deque(["starting centre, region and two sites"], maxlen=3)
        self._passings: deque[tuple[datetime, Passing]] = deque(maxlen=KEPT)
        self._passed: Counter[str] = Counter()
        self._alarms: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._alarmed: Counter[str] = Counter()
        self._lags: Mapping[str, Lag] = {}
        self._live = Live(console=console, refresh_per_second=REFRESHES, screen=True, get_renderable=self._draw)

    def __enter__(self) -> Self:
        """Take the screen."""
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give the screen back."""
        self._live.stop()

    def opened(self, topology: Topology, ready_seconds: float) -> None:
        """Show the addresses to open."""
        self._topology = topology
        self.say(f"all nodes serve after {ready_seconds} s")

    def say(self, text: str) -> None:
        """Show what the demo does."""
        self._said.append(f"{_now():%H:%M:%S} {text}")

    def passed(self, node: str, passing: Passing) -> None:
        """Show what passed, as its site tells it, and how many of them each node knows."""
        self._passed[node] += 1
        if node == passing.site:
            self._passings.appendleft((_now(), passing))

    def alarmed(self, heard: AlarmHeard) -> None:
        """Show what alarms where."""
        row = self._alarms.setdefault(heard.alarm["id"], {"at": _now(), "heard": {}})
        row["alarm"] = heard.alarm
        if heard.change == "RAISED":
            self._alarmed[heard.node] += 1
            row["heard"][heard.node] = heard.latency
        if len(self._alarms) > KEPT:
            self._alarms.popitem(last=False)

    def lags(self, lags: Mapping[str, Lag]) -> None:
        """Show how far behind the nodes are."""
        self._lags = lags

    def _draw(self) -> RenderableType:
        room = max(4, self._console.height - _AROUND)
        alarms = max(3, room // 2)
        tables = (self._nodes(), self._alarms_table(alarms), self._passings_table(room - alarms))
        return Group(*(line for table in tables for line in (table, "")), self._footer())

    def _nodes(self) -> Table:
        table = _table(
            "Nodes: open a link to sign in (officer, analyst, administrator, auditor); lag: not yet at the centre"
        )
        for name in ("node", "address"):
            table.add_column(name, no_wrap=True)
        for name in ("passed", "alarms", "lag"):
            table.add_column(name, justify="right", no_wrap=True)
        for code, node in self._topology.nodes.items() if self._topology else ():
            lag = self._lags.get(code)
            table.add_row(
                code,
                f"{node.url}/development/officer",
                str(self._passed[code]),
                str(self._alarmed[code]),
                "away" if lag is None else f"{lag.waiting}, {lag.seconds:.1f} s",
            )
        return table

    def _alarms_table(self, rows: int) -> Table:
        table = _table("Alarms: milliseconds from the camera's push to the subscriber")
        for name, width in (("at", 8), ("site", 10), ("lane", 5), ("object", 9), ("what", 4), ("how", 2)):
            table.add_column(name, no_wrap=True, min_width=width)
        for name in ("site", "region", "centre"):
            table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
        table.add_column("taken by", no_wrap=True)
        for row in list(reversed(self._alarms.values()))[:rows]:
            alarm, match = row["alarm"], row["alarm"]["match"] or {}
            how = f"{match.get('tier', '')} {match.get('key', '')}"
            cells = (f"{row['at']:%H:%M:%S}", alarm["node"], alarm["lane"], alarm["label"], alarm["text"], how)
            table.add_row(*cells, *self._heard(row), alarm["acknowledgedBy"], style=_STYLES[alarm["priority"]])
        return table

    def _heard(self, row: Mapping[str, Any]) -> list[str]:
        above = self._topology.of_role("region", "central") if self._topology else ()
        nodes = (row["alarm"]["node"], *(node.code for node in reversed(above)))
        return [_milliseconds(row["heard"], node) for node in nodes]

    def _passings_table(self, rows: int) -> Table:
        table = _table("Passes")
        for name in ("at", "site", "lane", "plate or document", "country", "kind"):
            table.add_column(name, no_wrap=True)
        for at, passing in list(self._passings)[:rows]:
            cells = (passing.site, passing.lane, passing.label, passing.country, passing.kind)
            table.add_row(f"{at:%H:%M:%S}", *cells, style="bold" if passing.sought else "")
        return table

    def _footer(self) -> Text:
        return Text("\n".join([*self._said, "Ctrl-C ends"]), style="dim", no_wrap=True, overflow="ellipsis")


def _table(title: str) -> Table:
    return Table(
        title=Text(title, style="bold", no_wrap=True, overflow="ellipsis"),
        title_justify="left",
        box=None,
        expand=True,
        header_style="dim",
        padding=(0, 1, 0, 0),
    )


def _milliseconds(heard: Mapping[str, float | None], node: str) -> str:
    latency = heard.get(node)
    if latency is None:
        return "heard" if node in heard else ""
    return f"{latency:.0f}"


def _now() -> datetime:
    return datetime.now().astimezone()
