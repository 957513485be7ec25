"""A terminal with its cameras."""

from datetime import timedelta

import pytest

from tests.nodes import NodeInMemory, open_node
from tests.terminals import build


@pytest.fixture
async def terminal() -> NodeInMemory:
    """A terminal in which nobody is."""
    node = open_node("koroszczyn")
    await build(node)
    node.clock.step(timedelta(hours=3))
    return node
