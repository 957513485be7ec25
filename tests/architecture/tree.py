"""The project's files as the tests of the architecture read them."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("adapters", "api", "bus", "domain", "sites")
BESIDE = ("bench", "tests")
_NOT_OURS = frozenset({"__pycache__", "build", "dist", "node_modules"})


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file; ``path`` is relative to the project."""

    path: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """Dotted name, that of a package without its ``__init__``."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def files() -> Iterator[Path]:
    """Yield every file of the project; what is hidden, built or installed is none, except for CI's own."""
    for folder, folders, names in os.walk(ROOT):
        at_top = Path(folder) == ROOT
        folders[:] = [
            name for name in folders if name not in _NOT_OURS and (name[0] != "." or (at_top and name == ".ci"))
        ]
        yield from (Path(folder, name) for name in sorted(names) if name != ".git")


@cache
def sources(*rooms: str) -> tuple[Source, ...]:
    """Return the Python files of these rooms, of the whole project when none is named."""
    return tuple(source for source in _all() if not rooms or source.path.partition("/")[0] in rooms)


@cache
def _all() -> tuple[Source, ...]:
    found = (file for file in files() if file.suffix == ".py")
    return tuple(_read(file) for file in found)


def _read(file: Path) -> Source:
    text = file.read_text(encoding="utf-8")
    return Source(file.relative_to(ROOT).as_posix(), text, ast.parse(text))
