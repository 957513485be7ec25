"""What a parent cannot take of its children is held in its database until it comes again or somebody replays it."""

import asyncio

import pytest

from bus.link.wire import Stream
from bus.replication import batch as frames
from domain.shared.errors import Unavailable
from domain.shared.quarantine import QuarantineState
from domain.shared.views import Window
from domain.upkeep.model import QuarantinedBatch
from tests.bus.link.nodes import Chain, Node, play
from tests.bus.link.test_standstill import newer
from tests.bus.link.virtual_time import until
from tests.samples import reading_taken

ALL = Window(limit=100)


async def batches(node: Node, state: QuarantineState | None = None) -> list[QuarantinedBatch]:
    return list((await node.views.quarantined_batches(ALL, state=state)).items)


def test_a_log_that_stands_still_for_a_newer_batch_goes_on_by_itself_after_the_upgrade(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        send = chain.site.bulk.send

        async def upgraded(batch: frames.PackedBatch, within: float) -> None:
            await send(frames.PackedBatch(batch.header, newer(batch.data)), within)

        chain.site.bulk.send = upgraded  # type: ignore[method-assign] # the site is of a later version
        await chain.site.record(*(reading_taken() for _ in range(3)))
        await until(lambda: bool(chain.region.link.status().stopped), 5)
        (held,) = await batches(chain.region)
        assert (held.child, held.origin, held.channel, held.first) == ("koroszczyn", "koroszczyn", "facts", 2)
        assert (held.state, held.known) == (QuarantineState.HELD, True)
        assert held.reason == "BatchTooNew: batch of version 2, this node reads up to 1"
        await chain.region.restart()  # which forgets that the log stands still, and takes the same batch for new
        await asyncio.sleep(200)
        assert len(await batches(chain.region)) == 1
        assert chain.region.head("koroszczyn", "facts") == 1

        monkeypatch.setattr(frames, "VERSION", 2)
        await chain.region.restart()
        await until(lambda: chain.centre.head("koroszczyn", "facts") == 4, 70)
        await until(lambda: not chain.region.link.status().stopped, 5)
        (taken,) = await batches(chain.region)
        assert (taken.state, taken.note) == (QuarantineState.REPLAYED, "it came again")

    play(scenario)


def test_junk_on_a_childs_own_subject_is_held_and_counted_and_in_nobodys_way() -> None:
    async def scenario(chain: Chain) -> None:
        chain.network.broker("lublin", Stream.BULK).put("koroszczyn", b"\xff junk", "junk")
        chain.network.broker("lublin", Stream.BULK).put("stranger", b"\xff junk", "strange junk")
        await chain.site.record(reading_taken())
        await until(chain.level, 5)
        await until(lambda: chain.region.link.status().tally.get("batch_set_aside") == 2, 5)
        assert {(one.child, one.known) for one in await batches(chain.region)} == {
            ("koroszczyn", True),
            ("stranger", False),
        }
        assert await chain.region.views.held_batch_count() == 2

    play(scenario)


def test_what_cannot_be_kept_comes_again() -> None:
    async def scenario(chain: Chain) -> None:
        keep, chain.region.batches.keep = chain.region.batches.keep, unavailable  # type: ignore[method-assign] # to fail
        chain.network.broker("lublin", Stream.BULK).put("koroszczyn", b"\xff junk", "junk")
        await until(lambda: chain.region.link.status().tally.get("batch_not_kept") == 1, 5)
        assert chain.network.broker("lublin", Stream.BULK).waiting
        chain.region.batches.keep = keep  # type: ignore[method-assign] # as it was
        await until(lambda: not chain.network.broker("lublin", Stream.BULK).waiting, 60)
        assert len(await batches(chain.region)) == 1

    play(scenario)


async def unavailable(_: object) -> None:
    raise Unavailable


def test_a_batch_is_replayed_by_hand_and_goes_on_to_the_centre() -> None:
    async def scenario(chain: Chain) -> None:
        await chain.site.record(*(reading_taken() for _ in range(2)))
        await until(chain.level, 5)
        sent = next(one for one in chain.site.bulk.sent if one.header.log.channel == "facts")
        replay = chain.region.link.replay_batch
        assert await replay("koroszczyn", sent.data) is None, "it is here: there is nothing to do"
        assert await replay("koroszczyn", b"\xff junk") is not None
        assert await replay("stranger", sent.data) == "stranger is not a child of this node"
        chain.network.cut.add("koroszczyn")
        await chain.site.record(reading_taken())
        held = await chain.site.held("koroszczyn", "facts")
        assert held is not None
        before, records = await chain.site.logs.read(held.log, 3, 10)
        late = frames.pack(held.log, 3, before, records)
        assert await replay("koroszczyn", late.data) is None
        await until(lambda: chain.centre.head("koroszczyn", "facts") == 3, 5)
        beyond = frames.pack(held.log, 5, before, records)
        assert await replay("koroszczyn", beyond.data) == "the events from 4 on come first"
        assert await chain.site.link.replay_batch("x", late.data) == "x is not a child of this node"

    play(scenario)
