"""A node's metrics in the text format of Prometheus, served by a thread of their own: also while the node is busy.

They tell codes of nodes, names of logs, and numbers; who may reach their address may read them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Metric,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bus.ports import LogStatus
from bus.watch.condition import Condition
from bus.watch.neighbours import neighbours
from bus.watch.rules import CAUSES
from domain.alarms.model import Fault
from sites.settings import MetricsSettings

DEVICES_MAX: Final = 1_000
LOGS_MAX: Final = 1_000
"""Logs that are told one by one; those of a whole country's border are fewer."""

Look = Callable[[], tuple[Condition, Iterable[Fault]] | None]
"""Tells what was seen last and what was wrong then; None before the first look. Called from another thread."""


class NodeCollector(Collector):
    """Makes metrics of what was seen of a node last."""

    def __init__(self, role: str, look: Look, now: Callable[[], datetime]) -> None:
        """Tell of a node of this role what ``look`` gives."""
        self._role = role
        self._look = look
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        seen = self._look()
        if seen is None:
            return
        condition, faults = seen
        yield from self._of_node(condition, faults)
        yield from self._of_neighbours(condition)
        yield from self._of_logs(condition)
        yield from self._of_devices(condition)
        events = CounterMetricFamily(
            "caifs_link_events", "What went wrong on the link since the node was started.", labels=["event"]
        )
        for event, count in sorted(condition.link.tally.items()):
            events.add_metric([event], count)
        yield events

    def _of_node(self, condition: Condition, faults: Iterable[Fault]) -> Iterator[Metric]:
        info = GaugeMetricFamily("caifs_node_info", "The node.", labels=["node", "role", "version"])
        info.add_metric([condition.node, self._role, condition.version], 1)
        yield info
        looked = "caifs_looked_at_seconds", "When the node was looked at last, in seconds since 1970."
        yield GaugeMetricFamily(*looked, value=condition.at.timestamp())
        if condition.disk is not None:
            yield GaugeMetricFamily("caifs_disk_free_bytes", "Left on the node's disk.", value=condition.disk.left)
            yield GaugeMetricFamily("caifs_disk_bytes", "Size of the node's disk.", value=condition.disk.room)
        if condition.link.behind is not None:
            behind = "caifs_behind_events", "Events that are still to come from the parent."
            yield GaugeMetricFamily(*behind, value=condition.link.behind)
        held = "caifs_quarantined_batches", "Batches of neighbours held that could not be taken."
        yield GaugeMetricFamily(*held, value=condition.held_batches)
        counted = dict.fromkeys(CAUSES, 0)
        for fault in faults:
            counted[fault.cause] += 1
        wrong = GaugeMetricFamily("caifs_faults", "What is wrong with the installation.", labels=["cause"])
        for cause, count in counted.items():
            wrong.add_metric([cause], count)
        yield wrong

    def _of_neighbours(self, condition: Condition) -> Iterator[Metric]:
        names, now = ["neighbour"], self._now()
        up = GaugeMetricFamily("caifs_neighbour_up", "The neighbour is heard.", labels=[*names, "stream"])
        age = GaugeMetricFamily(
            "caifs_neighbour_heartbeat_age_seconds", "Since the last heartbeat.", labels=[*names, "stream"]
        )
        offset = GaugeMetricFamily(
            "caifs_neighbour_clock_offset_seconds", "How far its clock is ahead of this node's.", labels=names
        )
        waiting = GaugeMetricFamily("caifs_child_waiting_events", "What it says waits there.", labels=names)
        quarantined = GaugeMetricFamily("caifs_child_quarantined_events", "What it says it cannot show.", labels=names)
        for one in neighbours(condition):
            for connection in one.connections:
                up.add_metric([one.code, connection.stream], connection.up)
                if connection.heard_at is not None:
                    age.add_metric([one.code, connection.stream], _seconds(connection.heard_at, now))
            if one.clock_offset is not None:
                offset.add_metric([one.code], one.clock_offset)
            if one.health is not None:
                waiting.add_metric([one.code], one.health.waiting)
                quarantined.add_metric([one.code], one.health.quarantined)
        yield from (up, age, offset, waiting, quarantined)

    def _of_devices(self, condition: Condition) -> Iterator[Metric]:
        now, names = self._now(), ["device"]
        age = GaugeMetricFamily("caifs_device_heard_age_seconds", "Since the device was heard last.", labels=names)
        offset = GaugeMetricFamily(
            "caifs_device_clock_offset_seconds", "How far its clock is ahead of this node's.", labels=names
        )
        silent = GaugeMetricFamily("caifs_device_silent", "The device is silent.", labels=names)
        pushes = CounterMetricFamily("caifs_device_pushes", "Pushes that came from the device.", labels=names)
        for one in condition.devices[:DEVICES_MAX]:
            if one.last_heard_at is not None:
                age.add_metric([one.code], _seconds(one.last_heard_at, now))
            silent.add_metric([one.code], one.silent)
            pushes.add_metric([one.code], one.pushes)
            if one.clock_offset_seconds is not None:
                offset.add_metric([one.code], one.clock_offset_seconds)
        pictures = CounterMetricFamily("caifs_pictures", "Pictures that came since the start.", labels=["outcome"])
        for outcome, count in sorted(condition.pictures.items()):
            pictures.add_metric([outcome], count)
        yield from (age, offset, silent, pushes, pictures)

    def _of_logs(self, condition: Condition) -> Iterator[Metric]:
        now = self._now()
        still = {(one.origin, one.channel) for one in condition.link.stopped}
        gauges = {name: GaugeMetricFamily(name, text, labels=["origin", "channel"]) for name, text in _LOG.items()}
        for (origin, channel), logs in _by_name(condition.logs):
            newest = max(logs, key=lambda log: log.epoch)
            oldest = min((log.waiting_since for log in logs if log.waiting_since is not None), default=None)
            values = (
                newest.seq,
                newest.parent,
                newest.centre,
                sum(log.waiting for log in logs),
                0.0 if oldest is None else _seconds(oldest, now),
                sum(log.quarantined for log in logs),
                (origin, channel) in still,
            )
            for gauge, value in zip(gauges.values(), values, strict=True):
                gauge.add_metric([origin, channel], value)
        yield from gauges.values()


_LOG: Final = {
    "caifs_log_seq": "Newest event held, in the newest epoch of the log.",
    "caifs_log_parent_seq": "Newest event that the parent has confirmed, in that epoch.",
    "caifs_log_centre_seq": "Newest event that the centre has confirmed, in that epoch.",
    "caifs_log_waiting_events": "Events that the centre has not confirmed.",
    "caifs_log_waiting_seconds": "Age of the oldest of them.",
    "caifs_log_quarantined_events": "Events held that cannot be shown in the tables.",
    "caifs_log_stopped": "The log stands still.",
}


def _by_name(logs: Sequence[LogStatus]) -> Sequence[tuple[tuple[str, str], Sequence[LogStatus]]]:
    """Return the logs by origin and channel: epochs are no label, so that their number is bounded."""
    named: defaultdict[tuple[str, str], list[LogStatus]] = defaultdict(list)
    for log in logs:
        named[log.origin, log.channel].append(log)
    return list(named.items())[:LOGS_MAX]


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


def registry(collector: NodeCollector) -> CollectorRegistry:
    """Return all metrics of a node and of its process."""
    made = CollectorRegistry()
    made.register(collector)
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    GCCollector(registry=made)
    return made


@contextmanager
def served(metrics: CollectorRegistry, settings: MetricsSettings) -> Iterator[str]:
    """Serve metrics; give their URL.

    Raises:
        OSError: the port is taken.
    """
    server, thread = start_http_server(settings.port, settings.host, metrics)
    try:
        yield f"http://{settings.host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
