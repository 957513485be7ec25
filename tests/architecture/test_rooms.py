"""Which rooms there are, and which libraries the inner ones may use. The arrows between rooms are import-linter's."""

import ast
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.architecture.tree import BESIDE, ROOMS, ROOT, Source, sources

LIBRARIES = {"domain": frozenset[str](), "bus": frozenset({"msgspec", "structlog", "zstandard"})}
CHECK_DIGITS = ("domain/identifiers/", "stdnum")
"""The one library of the domain, and where alone it is used."""
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_rooms_are_these_five() -> None:
    tops = {source.path.partition("/")[0] for source in sources()}
    assert tops - set(BESIDE) == set(ROOMS)


@pytest.mark.parametrize(
    ("tool", "key"), [("hatch", ("build", "targets", "wheel", "packages")), ("importlinter", ("root_packages",))]
)
def test_every_tool_knows_the_five_rooms(tool: str, key: tuple[str, ...]) -> None:
    value = SETTINGS["tool"][tool]
    for part in key:
        value = value[part]
    assert set(value) == set(ROOMS)


@pytest.mark.parametrize("room", LIBRARIES)
def test_inner_rooms_use_only_these_libraries(room: str) -> None:
    allowed = LIBRARIES[room] | set(ROOMS) | sys.stdlib_module_names
    found = {(source.path, name) for source in sources(room) for name in _imported(source) if name not in allowed}
    folder, library = CHECK_DIGITS
    assert {(path, name) for path, name in found if not (path.startswith(folder) and name == library)} == set()


def _imported(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
