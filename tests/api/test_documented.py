"""What the documents tell callers to ask can be asked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate

from api.doors import NODE_ROLES
from api.schema import build_schema

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^ *```graphql\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def documented() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for number, block in enumerate(BLOCK.findall(path.read_text(encoding="utf-8")), start=1):
            yield f"{path.name}-{number}", block


@pytest.fixture(scope="module")
def schemas() -> list[GraphQLSchema]:
    return [build_schema(role)._schema for role in NODE_ROLES]


@pytest.mark.parametrize("block", [pytest.param(block, id=name) for name, block in documented()])
def test_what_a_document_asks_is_answered_by_one_of_the_roles(block: str, schemas: list[GraphQLSchema]) -> None:
    problems = [validate(schema, parse(block)) for schema in schemas]
    assert [] in problems, min(problems, key=len)
