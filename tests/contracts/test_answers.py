"""First answers to commands that came with a key."""

from datetime import timedelta

import pytest

from bus.ports import WholeChange
from domain.shared.lanes import LaneMalformed
from tests.contracts.backends import Node


async def keep(node: Node, actor: str, key: str) -> None:
    await node.ask(lambda change: change.answers.keep(actor, key, b"\x00digest", b'{"answer":1}'))


async def test_an_answer_is_found_by_actor_and_key(node: Node) -> None:
    await keep(node, "anna", "key")

    assert await node.ask(lambda change: change.answers.find("anna", "key")) == (b"\x00digest", b'{"answer":1}')
    assert await node.ask(lambda change: change.answers.find("bogdan", "key")) is None
    assert await node.ask(lambda change: change.answers.find("anna", "KEY")) is None


async def test_an_answer_is_found_in_the_change_that_keeps_it(node: Node) -> None:
    async def work(change: WholeChange) -> tuple[bytes, bytes] | None:
        await change.answers.keep("anna", "key", b"digest", b"null")
        return await change.answers.find("anna", "key")

    assert await node.ask(work) == (b"digest", b"null")


async def test_only_answers_older_than_asked_are_forgotten(node: Node) -> None:
    await keep(node, "anna", "old")
    limit = node.clock.step(timedelta(days=7))
    await keep(node, "anna", "at the limit")
    await node.ask(lambda change: change.answers.forget(limit))

    assert await node.ask(lambda change: change.answers.find("anna", "old")) is None
    assert await node.ask(lambda change: change.answers.find("anna", "at the limit")) is not None


async def test_forgetting_is_undone_with_its_change(node: Node) -> None:
    async def fail(change: WholeChange) -> None:
        await change.answers.forget(change.now + timedelta(days=1))
        raise LaneMalformed

    await keep(node, "anna", "key")
    with pytest.raises(LaneMalformed):
        await node.ask(fail)

    assert await node.ask(lambda change: change.answers.find("anna", "key")) is not None
