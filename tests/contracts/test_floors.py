"""Logs whose beginning is held nowhere that it could come from."""

import pytest

from bus.replication.digests import ChainCheck
from bus.replication.log import LogId, Position
from bus.replication.ports import NotThisWay
from bus.replication.receiver import Apply
from bus.replication.record import HASH_BYTES
from tests.contracts.backends import Node
from tests.contracts.test_logs import THEIRS, batch_of, head_of, records, shown
from tests.samples import NODE, audited


@pytest.mark.parametrize("before", [0, 2])
async def test_a_log_goes_on_behind_what_is_held_nowhere_any_more(node: Node, before: int) -> None:
    theirs = records(*(audited() for _ in range(6)))
    floor = head_of(theirs[:4])
    if before:
        await node.logs.apply([batch_of(theirs, 1, before)], "koroszczyn")

    assert await node.logs.go_on_behind(THEIRS, floor, "koroszczyn") == 4 - before
    (applied,) = await node.logs.apply([batch_of(theirs, 5)], "koroszczyn")
    assert isinstance(applied.verdict, Apply)
    assert await node.logs.go_on_behind(THEIRS, floor, "koroszczyn") == 0
    held = await node.logs.find(THEIRS)
    assert held is not None
    assert (held.floor, held.head, held.via) == (floor, head_of(theirs), "koroszczyn")
    assert len(await shown(node)) == before + 2
    assert [await node.logs.hash_at(THEIRS, seq) for seq in range(5)] == [None] * 4 + [floor.hash]
    (extent,) = [one for one in await node.custody.extents() if one.log == THEIRS]
    check, (head, kept) = ChainCheck(extent.floor), await node.custody.kept(THEIRS, 5, 100)
    assert [*check.follow(kept), *check.end(head)] == []
    assert (await node.logs.apply([batch_of(theirs, 1, before or 1)], "koroszczyn"))[0].held.head == head_of(theirs)


async def test_a_nodes_own_log_and_one_that_comes_another_way_do_not_go_on_behind_anything(node: Node) -> None:
    await node.logs.apply([batch_of(records(audited()))], "west")
    for log, via in ((THEIRS, "east"), (LogId(NODE, await node.logs.epoch(), "audit"), "west")):
        with pytest.raises(NotThisWay):
            await node.logs.go_on_behind(log, Position(9, bytes(HASH_BYTES)), via)


async def test_what_the_centre_confirmed_beyond_is_not_taken_back(node: Node) -> None:
    theirs = records(*(audited() for _ in range(6)))
    await node.logs.apply([batch_of(theirs, 1, 1)], "koroszczyn")
    await node.logs.confirm({}, {THEIRS: head_of(theirs)})
    await node.logs.go_on_behind(THEIRS, head_of(theirs[:4]), "koroszczyn")
    held = await node.logs.find(THEIRS)
    assert held is not None
    assert held.centre.seq >= 4
