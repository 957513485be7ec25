"""When a log begins, and whether all of it has arrived."""

import msgspec
import pytest

from bus.replication.log import START
from bus.replication.ports import NotThisWay
from domain.watchlist.events import EntryActivated
from tests.contracts.backends import Node
from tests.contracts.test_logs import THEIRS, batch_of, head_of, records
from tests.samples import NODE, audited, entry


async def test_a_log_of_the_nodes_own_begins_once_and_goes_on_with_its_first_event(node: Node) -> None:
    for _ in range(2):
        await node.logs.begin("watchlist.pl")
    (begun,) = await node.logs.held()
    assert (begun.log.origin, begun.log.channel, begun.head, begun.via, begun.arrived) == (
        NODE,
        "watchlist.pl",
        START,
        None,
        True,
    )
    await node.record(EntryActivated(entry=entry()))
    await node.logs.begin("watchlist.pl")

    (grown,) = await node.logs.held()
    assert (grown.log, grown.head.seq) == (begun.log, 1)
    assert [one.log for one in node.heard] == [begun.log]


async def test_a_log_has_arrived_once_somebody_notes_it_even_without_an_event(node: Node) -> None:
    theirs = records(audited())
    await node.logs.apply([batch_of(theirs)], "west")
    empty = msgspec.structs.replace(THEIRS, channel="watchlist.pl")
    assert [one.arrived for one in await node.logs.held()] == [False]
    for log in (THEIRS, empty, empty):
        await node.logs.note_arrival(log, "west")

    held = {one.log: (one.head, one.via, one.arrived) for one in await node.logs.held()}
    assert held == {THEIRS: (head_of(theirs), "west", True), empty: (START, "west", True)}


async def test_only_the_neighbour_through_whom_a_log_comes_can_have_brought_it(node: Node) -> None:
    await node.logs.apply([batch_of(records(audited()))], "west")
    for log, via in ((THEIRS, "east"), (msgspec.structs.replace(THEIRS, origin=NODE), "west")):
        with pytest.raises(NotThisWay):
            await node.logs.note_arrival(log, via)
    assert [one.arrived for one in await node.logs.held()] == [False]
