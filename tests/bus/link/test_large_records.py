"""Records that a thin line carries for longer than an answer is waited for."""

import base64
import random

from bus.link.uplink import HELLO_EVERY, MISSES_MAX
from bus.link.wire import Stream
from bus.replication.pace import LONGEST
from tests.bus.link.network import REQUEST_WITHIN
from tests.bus.link.nodes import Chain, now, play
from tests.bus.link.virtual_time import until
from tests.samples import audited

RATE = 250_000.0
"""Bytes a second: 2 Mbit/s."""
SECONDS = 11.0


def large() -> str:
    """Return what takes so many seconds on the line though it is compressed."""
    return base64.b64encode(random.Random(1).randbytes(int(SECONDS * RATE))).decode()  # noqa: S311 - no secret


def is_up(chain: Chain) -> bool:
    """Tell whether the line of facts counts as alive."""
    return any(wire.up for wire in chain.site.link.status().parent if wire.stream is Stream.BULK)


def test_a_record_that_takes_long_is_sent_once_and_the_line_counts_as_alive() -> None:
    async def scenario(chain: Chain) -> None:
        chain.network.faults.rate = RATE
        began, sent = now(), len(chain.site.bulk.sent)
        await chain.site.record(audited(target=large()))
        await until(lambda: chain.region.head("koroszczyn", "audit") == 1 or not is_up(chain), 3 * SECONDS)
        assert is_up(chain)
        assert now() - began >= SECONDS
        await until(chain.level, 30)
        assert len(chain.site.bulk.sent) - sent == 1
        assert chain.site.link.status().tally.get("parent_silent") is None

    play(scenario)


def test_a_line_that_dies_meanwhile_is_noticed_in_the_end() -> None:
    async def scenario(chain: Chain) -> None:
        chain.network.faults.rate = RATE
        await chain.site.record(audited(target=large()))
        await until(lambda: len(chain.site.bulk.sent) > 0, 1)
        chain.network.cut.add("koroszczyn")
        assert is_up(chain)
        noticed = LONGEST + (MISSES_MAX + 1) * (REQUEST_WITHIN + HELLO_EVERY)
        await until(lambda: not is_up(chain), noticed)
        chain.network.cut.clear()
        await until(chain.level, 10 * SECONDS)

    play(scenario)


def test_a_parent_that_is_gone_is_noticed_at_once_and_what_was_on_its_way_holds_up_nothing() -> None:
    async def scenario(chain: Chain) -> None:
        chain.network.faults.rate = RATE
        await chain.site.record(audited(target=large()))
        await until(lambda: len(chain.site.bulk.sent) == 1, 1)
        began = now()
        await chain.region.stop()
        await until(lambda: not is_up(chain), SECONDS / 2)
        chain.site.bulk.free_at = 0.0
        await chain.region.restart()
        await until(lambda: len(chain.site.bulk.sent) == 2, SECONDS / 4)
        assert now() - began < SECONDS

    play(scenario)
