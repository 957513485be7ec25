"""Nodes in memory, one of each role, fresh for each test."""

from pathlib import Path

import pytest

from tests.api.nodes import Node, memory_node


@pytest.fixture
def site(tmp_path: Path) -> Node:
    return memory_node(tmp_path)


@pytest.fixture
def central(tmp_path: Path) -> Node:
    return memory_node(tmp_path, "central", "central")


@pytest.fixture
def region(tmp_path: Path) -> Node:
    return memory_node(tmp_path, "region-lublin", "region")


@pytest.fixture
def developed(tmp_path: Path) -> Node:
    """A site in development mode."""
    return memory_node(tmp_path, development=True)
