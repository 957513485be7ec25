"""Fan-out to those who watch."""

import asyncio

import pytest

from bus.live import QUEUE_MAX, Lagging, Live, Watch
from bus.recorded import Recorded
from bus.replication.log import LogId
from domain.shared.messages import Event
from tests.samples import MORNING, audited, push_quarantined


def recorded(event: Event, seq: int = 1) -> Recorded:
    return Recorded(
        id="01950000-0000-7000-8000-000000000000",
        log=LogId("dorohusk", 1, "audit"),
        seq=seq,
        hash=bytes(32),
        hlc=1,
        kind=type(event).__name__,
        at=MORNING,
        salt=bytes(16),
        body=b"",
        event=event,
    )


async def take(watch: Watch, count: int) -> list[int]:
    events = watch.events()
    async with asyncio.timeout(5):
        return [(await anext(events)).seq for _ in range(count)]


async def test_each_watcher_hears_its_kinds_in_order() -> None:
    live = Live()
    with live.watch("Audited") as audit, live.watch("Audited", "PushQuarantined") as both:
        live.heard([recorded(audited(), 1), recorded(push_quarantined(), 2), recorded(audited(), 3)])
        live.heard([recorded(audited(), 4)])

        assert await take(audit, 3) == [1, 3, 4]
        assert await take(both, 4) == [1, 2, 3, 4]


async def test_a_watcher_that_waits_is_woken() -> None:
    live = Live()
    with live.watch("Audited") as watch:
        waiting = asyncio.create_task(take(watch, 1))
        await asyncio.sleep(0)
        assert not waiting.done()
        live.heard([recorded(audited(), 7)])

        assert await waiting == [7]


async def test_nothing_is_heard_of_before_the_watch_nor_after_it() -> None:
    live = Live()
    live.heard([recorded(audited(), 1)])
    with live.watch("Audited") as watch:
        live.heard([recorded(audited(), 2)])
    live.heard([recorded(audited(), 3)])

    assert await take(watch, 1) == [2]
    late = asyncio.create_task(take(watch, 1))
    await asyncio.sleep(0)
    assert not late.done()
    late.cancel()


async def test_one_who_does_not_keep_up_is_cut_off_without_a_gap() -> None:
    live = Live()
    with live.watch("Audited") as slow, live.watch("PushQuarantined") as other:
        live.heard([recorded(audited(), seq) for seq in range(1, QUEUE_MAX + 1)])
        events = slow.events()
        assert (await anext(events)).seq == 1
        live.heard([recorded(audited(), QUEUE_MAX + 1), recorded(audited(), QUEUE_MAX + 2)])
        live.heard([recorded(push_quarantined(), 1)])

        with pytest.raises(Lagging):
            await anext(events)
        assert await take(other, 1) == [1]


async def test_a_full_queue_is_not_yet_too_much() -> None:
    live = Live()
    with live.watch("Audited") as watch:
        live.heard([recorded(audited(), seq) for seq in range(QUEUE_MAX)])

        assert await take(watch, QUEUE_MAX) == list(range(QUEUE_MAX))
