"""How large files and functions may be."""

import ast
from collections.abc import Iterator

from tests.architecture.tree import Source, sources

FILE_MAX = 400
FUNCTION_MAX = 60
MIGRATIONS = "adapters/database/migrations/versions/"


def test_files_are_short() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in sources()}
    assert {path: length for path, length in lengths.items() if length > FILE_MAX} == {}


def test_functions_are_short() -> None:
    """A migration is a list of columns and is not read as a function."""
    read = (source for source in sources() if not source.path.startswith(MIGRATIONS))
    assert [line for source in read for line in _long_functions(source)] == []


def _long_functions(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_MAX:
                yield f"{source.path}:{node.lineno} {node.name} has {length} lines"
