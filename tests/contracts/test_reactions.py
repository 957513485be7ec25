"""Reactions that are due."""

import pytest

from bus.ports import WholeChange
from domain.crossings.events import Registered
from domain.shared.lanes import LaneMalformed
from tests.contracts.backends import Node
from tests.samples import registration


async def register(node: Node) -> tuple[str, Registered]:
    """Record an event whose reaction failed and return its id beside it."""
    event = Registered(registration=registration())

    async def work(change: WholeChange) -> str:
        await change.record(event)
        event_id = change.recorded[-1].id
        await change.reactions.note(event_id, "raise_alarms")
        return event_id

    return await node.ask(work), event


async def test_what_is_due_comes_oldest_first_with_its_event(node: Node) -> None:
    noted = [await register(node) for _ in range(3)]

    assert await node.ask(lambda change: change.reactions.due()) == [
        (event_id, "raise_alarms", event) for event_id, event in noted
    ]


async def test_a_reaction_is_dropped_exactly_once(node: Node) -> None:
    (first, _), (second, event) = await register(node), await register(node)

    assert await node.ask(lambda change: change.reactions.drop(first, "raise_alarms")) is True
    assert await node.ask(lambda change: change.reactions.drop(first, "raise_alarms")) is False
    assert await node.ask(lambda change: change.reactions.drop(second, "another")) is False
    assert await node.ask(lambda change: change.reactions.due()) == [(second, "raise_alarms", event)]


async def test_a_reaction_is_due_again_when_the_change_that_drops_it_is_undone(node: Node) -> None:
    (first, one), (second, two) = await register(node), await register(node)

    async def fail(change: WholeChange) -> None:
        assert await change.reactions.drop(first, "raise_alarms")
        raise LaneMalformed

    with pytest.raises(LaneMalformed):
        await node.ask(fail)

    assert await node.ask(lambda change: change.reactions.due()) == [
        (first, "raise_alarms", one),
        (second, "raise_alarms", two),
    ]


async def test_an_event_may_have_several_reactions(node: Node) -> None:
    event_id, event = await register(node)
    await node.ask(lambda change: change.reactions.note(event_id, "another"))

    due = await node.ask(lambda change: change.reactions.due())
    assert sorted(due, key=lambda one: one[1]) == [(event_id, "another", event), (event_id, "raise_alarms", event)]
