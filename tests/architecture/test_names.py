"""What modules are called, and that each says what it is."""

import ast

from tests.architecture.tree import ROOMS, sources

SAYS_NOTHING = frozenset({"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"})
MIGRATIONS = "adapters/database/migrations/versions/"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [source.path for source in sources() if SAYS_NOTHING & set(source.module.split("."))] == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    found = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in sources(*ROOMS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and node.name.lower().endswith(("manager", "helper", "helpers", "utils"))
    ]
    assert found == []


def test_every_module_says_what_it_is() -> None:
    described = (source for source in sources(*ROOMS) if source.path != f"{MIGRATIONS}__init__.py")
    assert [source.path for source in described if not ast.get_docstring(source.tree)] == []
