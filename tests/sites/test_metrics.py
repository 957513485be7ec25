"""The metrics of a node, as Prometheus reads them."""

import socket
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bus.link.messages import Health
from bus.link.stopped import Stopped
from bus.link.wire import Stream
from bus.watch.condition import Condition, Disk
from bus.watch.rules import CAUSES
from domain.alarms.model import Fault
from sites.metrics import LOGS_MAX, NodeCollector, registry, served
from sites.settings import MetricsSettings
from tests.bus.watch.conditions import NOW, ago, child, condition, link, log, wire
from tests.samples import device_state

FAULT = Fault(cause="disk", label="lublin", text="2 % are free", priority=1)
HEALTH = Health(version='0.1.9"\n', now=0, waiting=7, quarantined=3)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(seen: Condition | None, faults: Sequence[Fault] = ()) -> Samples:
    """Return the samples that somebody reads over HTTP a second after the node was looked at."""

    def look() -> tuple[Condition, Sequence[Fault]] | None:
        return None if seen is None else (seen, faults)

    collector = NodeCollector("region", look, lambda: NOW + timedelta(seconds=1))
    with (
        served(registry(collector), MetricsSettings()) as url,
        urllib.request.urlopen(url, timeout=5) as answer,  # noqa: S310 - our own
    ):
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((f"caifs_{name}", frozenset(labels.items())))


def test_a_node_that_was_not_looked_at_yet_tells_of_its_process_alone() -> None:
    names = {name for name, _ in scraped(None)}
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total"} <= names
    assert not [name for name in names if name.startswith("caifs_")]


def test_a_node_tells_of_itself() -> None:
    samples = scraped(condition(disk=Disk(free=3, room=100), held_batches=4), [FAULT])

    assert value(samples, "node_info", node="lublin", role="region", version="0.2.0") == 1
    assert (value(samples, "disk_free_bytes"), value(samples, "disk_bytes")) == (3, 100)
    assert value(samples, "quarantined_batches") == 4
    assert value(samples, "behind_events") is None
    assert value(scraped(condition(link=link(behind=7))), "behind_events") == 7
    assert value(samples, "looked_at_seconds") == NOW.timestamp()
    assert {cause: value(samples, "faults", cause=cause) for cause in CAUSES} == dict.fromkeys(CAUSES, 0) | {"disk": 1}


def test_neighbours_are_told_by_connection() -> None:
    stands = link(
        parent=(wire(Stream.ALARMS), wire(Stream.BULK, up=False, answered_at=None, clock_offset=None)),
        children={"koroszczyn": child(health=HEALTH), "dorohusk": child(heard={}, clock_offset=None)},
        tally={"parent_silent": 4},
    )
    samples = scraped(condition(link=stands))

    def up(neighbour: str) -> list[float | None]:
        return [value(samples, "neighbour_up", neighbour=neighbour, stream=stream) for stream in Stream]

    assert (up("central"), up("koroszczyn"), up("dorohusk")) == ([1, 0], [1, 1], [0, 0])
    assert value(samples, "neighbour_heartbeat_age_seconds", neighbour="koroszczyn", stream="bulk") == 2
    assert value(samples, "neighbour_heartbeat_age_seconds", neighbour="central", stream="bulk") is None
    assert value(samples, "neighbour_clock_offset_seconds", neighbour="central") == 0.01
    assert value(samples, "child_waiting_events", neighbour="koroszczyn") == 7
    assert value(samples, "child_quarantined_events", neighbour="koroszczyn") == 3
    assert value(samples, "child_waiting_events", neighbour="dorohusk") is None
    assert value(samples, "link_events_total", event="parent_silent") == 4


def test_logs_are_told_by_name_whatever_their_epoch() -> None:
    logs = (
        log(epoch=1, seq=90, parent=80, centre=70, waiting_since=ago(50), quarantined=2),
        log(epoch=2, seq=5, parent=4, centre=3, waiting_since=ago(10), quarantined=1),
        log(channel="alarms"),
    )
    still = Stopped(origin="lublin", epoch=2, channel="facts", seq=4, reason="Odd", since=NOW, kept=True)
    samples = scraped(condition(logs=logs, link=link(stopped=(still,))))

    def told(channel: str) -> list[float | None]:
        names = ("seq", "parent_seq", "centre_seq", "waiting_events", "waiting_seconds")
        rest = ("quarantined_events", "stopped")
        return [value(samples, f"log_{name}", origin="lublin", channel=channel) for name in (*names, *rest)]

    assert told("facts") == [5, 4, 3, 22, 51, 3, 1]
    assert told("alarms") == [9, 9, 9, 0, 0, 0, 0]


def test_however_many_logs_there_are_their_labels_are_bounded() -> None:
    logs = [log(origin=f"node-{number}") for number in range(LOGS_MAX + 5)]
    samples = scraped(condition(logs=logs))
    assert len([name for name, _ in samples if name == "caifs_log_seq"]) == LOGS_MAX


def test_a_port_that_is_taken_is_told_at_once() -> None:
    collector = NodeCollector("site", lambda: None, lambda: NOW)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = replace(MetricsSettings(), port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"), served(registry(collector), settings):
            pass


def test_a_site_tells_of_its_devices_and_their_pictures() -> None:
    devices = [device_state(last_heard_at=ago(9)), device_state(code="cam-2", clock_offset_seconds=None, silent=False)]
    samples = scraped(condition(devices=devices, pictures={"kept": 5, "no_room": 2}))

    assert value(samples, "device_heard_age_seconds", device="cam-1") == 10
    assert value(samples, "device_clock_offset_seconds", device="cam-1") == -1.25
    assert value(samples, "device_clock_offset_seconds", device="cam-2") is None
    assert [value(samples, "device_silent", device=f"cam-{number}") for number in (1, 2)] == [1, 0]
    assert value(samples, "device_pushes_total", device="cam-1") == 12
    assert value(samples, "pictures_total", outcome="no_room") == 2


def test_a_device_that_was_never_heard_is_told_as_silent_without_an_age() -> None:
    samples = scraped(condition(devices=[device_state(last_heard_at=None)]))
    assert value(samples, "device_silent", device="cam-1") == 1
    assert value(samples, "device_heard_age_seconds", device="cam-1") is None
