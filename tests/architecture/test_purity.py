"""Time, ids, randomness and the environment come from where they belong."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.architecture.tree import ROOMS, Source, sources

ENVIRONMENT_READ_IN = "sites/settings.py"
ENVIRONMENT = frozenset({"environ", "environb", "getenv", "putenv"})
CHANCE = frozenset({"random", "secrets"})
OWN_CLOCK = re.compile(r"((datetime\.)?(datetime|date)\.(now|today|utcnow)|time\.time(_ns)?|localtime)")
OWN_IDS = re.compile(r"(uuid\.)?uuid[1-8]|os\.urandom")


def test_domain_and_bus_ask_ports_for_time_ids_and_randomness() -> None:
    assert _found(_not_asked, "domain", "bus") == []


def test_only_the_settings_read_the_environment() -> None:
    found = _found(_environment, *ROOMS)
    assert {line.partition(":")[0] for line in found} == {ENVIRONMENT_READ_IN}, found


def _found(look: Callable[[ast.AST], str | None], *rooms: str) -> list[str]:
    return [line for source in sources(*rooms) for line in _lines(source, look)]


def _lines(source: Source, look: Callable[[ast.AST], str | None]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if what := look(node):
            yield f"{source.path}:{getattr(node, 'lineno', 0)} {what}"


def _not_asked(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=func):
            called = ast.unparse(func)
            return called if OWN_CLOCK.fullmatch(called) or OWN_IDS.fullmatch(called) else None
        case ast.Import(names=names):
            return next((alias.name for alias in names if alias.name in CHANCE), None)
        case ast.ImportFrom(module=module):
            return module if module in CHANCE else None
    return None


def _environment(node: ast.AST) -> str | None:
    match node:
        case ast.Attribute(attr=name) if ast.unparse(node.value) == "os" and name in ENVIRONMENT:
            return f"os.{name}"
        case ast.ImportFrom(module="os", names=names):
            return next((alias.name for alias in names if alias.name in ENVIRONMENT), None)
    return None
