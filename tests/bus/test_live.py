"""Fan-out to those who watch."""

import asyncio

import pytest

from bus.link.applier import HANDS, RECORDS_MAX
from bus.link.wire import Stream
from bus.live import QUEUE_MAX, Lagging, Live, Watch
from bus.recorded import Recorded
from bus.replication import MAX_RECORDS
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


async def rest(watch: Watch) -> list[int]:
    """Return what is heard until the watcher is cut off."""
    heard: list[int] = []

    async def hear() -> None:
        async for one in watch.events():
            heard.append(one.seq)  # noqa: PERF401 - what was heard ahead of the cut counts

    with pytest.raises(Lagging):
        await hear()
    return heard


async def test_one_who_does_not_keep_up_hears_what_was_queued_and_nothing_after_the_gap() -> None:
    live = Live()
    with live.watch("Audited") as slow, live.watch("PushQuarantined") as other:
        live.heard([recorded(audited(), seq) for seq in range(1, QUEUE_MAX + 1)])
        assert await take(slow, 1) == [1]
        live.heard([recorded(audited(), seq) for seq in (QUEUE_MAX + 1, QUEUE_MAX + 2)])
        assert await take(slow, 1) == [2]
        live.heard([recorded(audited(), QUEUE_MAX + 3), recorded(push_quarantined(), 1)])

        async with asyncio.timeout(5):
            assert await rest(slow) == list(range(3, QUEUE_MAX + 2))
        assert await take(other, 1) == [1]


async def test_a_full_queue_is_not_yet_too_much() -> None:
    live = Live()
    with live.watch("Audited") as watch:
        live.heard([recorded(audited(), seq) for seq in range(QUEUE_MAX)])

        assert await take(watch, QUEUE_MAX) == list(range(QUEUE_MAX))


def test_a_queue_takes_all_that_the_link_applies_side_by_side() -> None:
    group = RECORDS_MAX - 1 + MAX_RECORDS
    assert len(Stream) * HANDS * group <= QUEUE_MAX


async def test_everybody_is_cut_off_when_what_is_on_record_is_in_doubt() -> None:
    live = Live()
    with live.watch("Audited") as idle, live.watch("Audited", "PushQuarantined") as busy:
        waiting = asyncio.create_task(rest(idle))
        await asyncio.sleep(0)
        live.heard([recorded(push_quarantined(), 1)])
        live.cut()
        live.heard([recorded(audited(), 2)])

        async with asyncio.timeout(5):
            assert await waiting == []
            assert await rest(busy) == [1]
    with live.watch("Audited") as anew:
        live.heard([recorded(audited(), 3)])
        assert await take(anew, 1) == [3]
