"""A parent that is reached in several ways."""

import asyncio

import pytest

from bus.link.ways import Ways
from bus.link.wire import Question, Unreachable
from tests.bus.link.network import MemoryParentWire, Network
from tests.bus.link.virtual_time import run, until


class Scene:
    """A parent that answers, and two ways to it that a child knows as ``leaf`` and ``direct``."""

    def __init__(self) -> None:
        self.network = Network()
        self.leaf = MemoryParentWire(self.network, "leaf", "lublin")
        self.direct = MemoryParentWire(self.network, "direct", "lublin")
        self.ways = Ways(self.leaf, self.direct)
        self.network.answers["lublin"] = self._answer

    async def _answer(self, child: str, _question: Question, _data: bytes) -> bytes:
        return child.encode()

    @property
    def open(self) -> list[str]:
        return [wire.node for wire in self.network.ears.get("lublin", [])]

    async def ask(self) -> str:
        return (await self.ways.ask(Question.HELLO, b"")).decode()


def test_the_first_way_is_taken_until_the_next_is_called_for_and_then_the_first_again() -> None:
    async def scenario() -> None:
        scene = Scene()
        heard: list[bytes] = []
        running = asyncio.create_task(
            scene.ways.run(feeds=("watchlist.pl",), confirmations=heard.append, broadcast=heard.append)
        )
        for way in ("leaf", "direct", "leaf"):
            await until(lambda way=way: scene.open == [way], 1)  # type: ignore[misc]  # a lambda's default
            assert await scene.ask() == way
            scene.network.ears["lublin"][0].hear_confirmations(way.encode())
            await scene.ways.take_next()
        await until(lambda: heard == [b"leaf", b"direct", b"leaf"], 1)
        running.cancel()
        await asyncio.wait((running,))
        assert scene.open == []

    run(scenario())


def test_a_way_that_fails_is_told_and_one_that_is_cut_is_unreachable() -> None:
    async def scenario() -> None:
        scene = Scene()
        scene.network.cut.add("leaf")
        with pytest.raises(Unreachable):
            await scene.ask()
        await scene.ways.take_next()
        assert await scene.ask() == "direct"

    run(scenario())
