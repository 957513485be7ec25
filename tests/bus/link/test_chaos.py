"""Whatever happens on the way, in the end everything is where it belongs: once, and in order."""

import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bus.link.wire import Stream
from domain.alarms.events import AlarmRaised
from domain.watchlist.events import EntryActivated
from tests.bus.link.network import Faults, Network
from tests.bus.link.nodes import Chain
from tests.bus.link.virtual_time import run
from tests.samples import alarm, audited, entry, reading_taken

Step = Callable[[Chain, int], Awaitable[None]]


async def facts(chain: Chain, size: int) -> None:
    await chain.site.record(*(reading_taken() for _ in range(size * 25)))
    await chain.region.record(audited())


async def alarms(chain: Chain, size: int) -> None:
    await chain.site.record(*(AlarmRaised(alarm=alarm()) for _ in range(size)))


async def entries(chain: Chain, size: int) -> None:
    await chain.centre.record(*(EntryActivated(entry=entry()) for _ in range(size)))


async def cut(chain: Chain, size: int) -> None:
    chain.network.cut ^= {chain.nodes[1 + size % 2].code}


async def restart(chain: Chain, size: int) -> None:
    await chain.nodes[size % 3].restart()


async def away(chain: Chain, size: int) -> None:
    node = chain.nodes[size % 3]
    await node.stop()
    await asyncio.sleep(size)
    await node.restart()


async def forget(chain: Chain, size: int) -> None:
    chain.network.broker(chain.nodes[size % 2].code, Stream.BULK).lose_everything()


async def wait(_: Chain, size: int) -> None:
    await asyncio.sleep(size)


def noted(chain: Chain) -> set[str]:
    """What went wrong at any node since it was started, by the name under which it is counted."""
    return {name for node in chain.nodes for name in node.link.status().tally}


EXPECTED = {"parent_silent", "process_refused", "log_given_back", "range_unanswered"}
"""What may go wrong where lines fail and processes are restarted.

No log forks, stands still or is recovered, no work fails, and nothing is set aside.
"""
STEPS: tuple[Step, ...] = (facts, facts, alarms, entries, cut, restart, away, forget, wait)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 6)), min_size=4, max_size=14),
    seed=st.integers(0, 10_000),
)
def test_nothing_is_lost_nothing_doubled(steps: list[tuple[Step, int]], seed: int) -> None:
    async def scenario() -> None:
        network = Network(Faults(lost=0.15, repeated=0.1, delay=0.3), seed)
        async with Chain(network) as chain:
            await facts(chain, 1)
            await entries(chain, 1)
            for step, size in steps:
                await step(chain, size)
                await asyncio.sleep(0.1)
                assert noted(chain) <= EXPECTED  # before a restart forgets it
            await chain.heal()
            for origin, holders in (("koroszczyn", chain.nodes), ("central", (chain.centre, chain.site))):
                kept = [await holder.records(origin) for holder in holders]
                assert all(records == kept[0] for records in kept)
            assert await chain.centre.records("lublin") == await chain.region.records("lublin")
            assert network.aside == []
            assert noted(chain) <= EXPECTED

    run(scenario())
