"""Reactions that are due."""

import pytest

from bus.codec import decode
from bus.ports import WholeChange
from domain.registrations.events import Registered
from domain.shared.lanes import LaneMalformed
from tests.contracts.backends import Node
from tests.samples import registration

Due = list[tuple[str, Registered]]


async def register(node: Node, reaction: str = "raise_alarms") -> tuple[str, Registered]:
    """Record an event whose reaction failed and return its id beside it."""
    event = Registered(registration=registration())

    async def work(change: WholeChange) -> str:
        await change.record(event)
        event_id = change.recorded[-1].id
        await change.reactions.note(event_id, reaction)
        return event_id

    return await node.ask(work), event


async def due(node: Node, name: str = "raise_alarms", after: str | None = None, limit: int = 10) -> Due:
    """Return events to which a reaction is due, with their ids."""
    found = await node.ask(lambda change: change.reactions.due(name, after, limit))
    return [(event_id, decode(body)[2]) for event_id, body in found]  # type: ignore[misc]  # all are what was recorded


async def test_what_is_due_comes_oldest_first_with_its_event(node: Node) -> None:
    noted = [await register(node) for _ in range(3)]

    assert await due(node) == noted


async def test_what_is_due_comes_in_pages(node: Node) -> None:
    noted = [await register(node) for _ in range(5)]

    assert await due(node, limit=2) == noted[:2]
    assert await due(node, after=noted[1][0], limit=2) == noted[2:4]
    assert await due(node, after=noted[3][0], limit=2) == noted[4:]
    assert await due(node, after=noted[4][0], limit=2) == []


async def test_each_reaction_has_its_own(node: Node) -> None:
    first, second, third = [await register(node, name) for name in ("raise_alarms", "screen", "raise_alarms")]

    assert await due(node, limit=2) == [first, third]
    assert await due(node, "screen") == [second]
    assert await due(node, "scree") == []


async def test_a_reaction_is_dropped_exactly_once(node: Node) -> None:
    (first, _), second = await register(node), await register(node)

    assert await node.ask(lambda change: change.reactions.drop(first, "raise_alarms")) is True
    assert await node.ask(lambda change: change.reactions.drop(first, "raise_alarms")) is False
    assert await node.ask(lambda change: change.reactions.drop(second[0], "another")) is False
    assert await due(node) == [second]


async def test_a_reaction_is_due_again_when_the_change_that_drops_it_is_undone(node: Node) -> None:
    first, second = await register(node), await register(node)

    async def fail(change: WholeChange) -> None:
        assert await change.reactions.drop(first[0], "raise_alarms")
        raise LaneMalformed

    with pytest.raises(LaneMalformed):
        await node.ask(fail)

    assert await due(node) == [first, second]


async def test_an_event_may_have_several_reactions(node: Node) -> None:
    noted = await register(node)
    await node.ask(lambda change: change.reactions.note(noted[0], "another"))

    assert await due(node) == await due(node, "another") == [noted]
