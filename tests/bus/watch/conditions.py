"""Conditions in which all is well, but for what a test says."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bus.link.heartbeats import ChildStatus
from bus.link.status import LinkStatus
from bus.link.uplink import WireStatus
from bus.link.wire import Stream
from bus.ports import LogStatus
from bus.watch.condition import Condition
from tests.samples import MORNING

NOW = MORNING
EPOCH = 7


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def log(**fields: Any) -> LogStatus:
    """Return a log of which the centre has everything."""
    usual = LogStatus(
        origin="lublin",
        epoch=EPOCH,
        channel="facts",
        seq=9,
        projected=9,
        parent=9,
        centre=9,
        waiting_since=None,
        quarantined=0,
    )
    return replace(usual, **fields)


def wire(stream: Stream = Stream.BULK, **fields: Any) -> WireStatus:
    """Return a connection on which the parent answered a second ago."""
    usual = WireStatus(stream=stream, up=True, answered_at=ago(1), forked=(), clock_offset=0.01, version="0.2.0")
    return replace(usual, **fields)


def child(**fields: Any) -> ChildStatus:
    """Return a child that said hello a second ago."""
    usual = ChildStatus(heard={Stream.BULK: ago(1), Stream.ALARMS: ago(1)}, health=None, clock_offset=-0.02, held={})
    return replace(usual, **fields)


def link(**fields: Any) -> LinkStatus:
    """Return the link of a region that hears its parent and its child."""
    usual = LinkStatus(
        parent=(wire(Stream.ALARMS), wire(Stream.BULK)),
        children={"koroszczyn": child()},
        stopped=(),
        tally={},
        parent_code="central",
    )
    return replace(usual, **fields)


def condition(**fields: Any) -> Condition:
    """Return the condition of a region in which all is well."""
    usual = Condition(node="lublin", at=NOW, version="0.2.0", logs=(log(),), link=link(), clocks_ahead={})
    return replace(usual, **fields)
