"""A site whose server hangs on its parent's over a thin line."""

import base64
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.nats.parent import ANSWER_WITHIN, NatsParentWire
from bench.line import Line
from bus.replication import PackedBatch
from tests.adapters.nats.places import Node, Place, confirmed
from tests.samples import audited
from tests.waiting import until

RATE = 1_000_000.0
"""Bits a second."""
BYTES = int(1.5 * ANSWER_WITHIN * RATE / 8)
"""As many as the line carries in one and a half times as long as an answer is waited for."""


def through(place: Place, child: str, line: Line) -> Place:
    """Return a place whose child's server reaches it over a line."""
    address, port = place.address, line.address[1]
    leaf = urlsplit(address.leaf_urls[child])
    urls = {child: leaf._replace(netloc=leaf.netloc.replace(f":{leaf.port}", f":{port}")).geturl()}
    return replace(place, address=replace(address, leaf_urls=urls))


async def test_a_record_that_takes_long_is_sent_once(
    start_place: Callable[..., Place], open_node: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    send = NatsParentWire.send

    async def counted(wire: NatsParentWire, batch: PackedBatch, within: float) -> None:
        sent.append(len(batch.data))
        await send(wire, batch, within)

    monkeypatch.setattr(NatsParentWire, "send", counted)
    centre = start_place("central", koroszczyn=("pl",))
    leaf = urlsplit(centre.address.leaf_urls["koroszczyn"])
    async with Line((str(leaf.hostname), leaf.port or 0), up=RATE, down=RATE, delay=0.03) as line:
        site = start_place("koroszczyn", through(centre, "koroszczyn", line), ("pl",))
        above: Node = await open_node(centre)
        below: Node = await open_node(site)
        for node in (above, below):
            node.start()
        await until(lambda: all(wire.up for wire in below.link.status().parent))
        await below.record(audited(target=base64.b64encode(os.urandom(BYTES)).decode()))
        await confirmed(below, "audit")
        assert sum(size > BYTES for size in sent) == 1
        assert line.up.carried < 1.2 * BYTES
        assert below.tally("parent_silent") == 0
