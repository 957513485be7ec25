"""How fields of the schema are declared: a root field cannot be declared without its rule."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from api.rules import RULE, Rule

F = TypeVar("F", bound=Callable[..., Any])


def look(shows: Any, rule: Rule, description: str) -> Callable[[F], F]:
    """Declare a root field that looks something up and is shown as the type ``shows`` of the schema."""
    made: Callable[[F], F] = strawberry.field(graphql_type=shows, metadata={RULE: rule}, description=description)
    return made


def ask(answers: Any, rule: Rule, description: str) -> Callable[[F], F]:
    """Declare a mutation that answers the union ``answers``."""
    made: Callable[[F], F] = strawberry.mutation(graphql_type=answers, metadata={RULE: rule}, description=description)
    return made


def follow(rule: Rule, description: str) -> Callable[[F], F]:
    """Declare a subscription."""
    made: Callable[[F], F] = strawberry.subscription(metadata={RULE: rule}, description=description)
    return made


def computed(shows: Any, description: str) -> Callable[[F], F]:
    """Declare a field of an object that is computed."""
    made: Callable[[F], F] = strawberry.field(graphql_type=shows, description=description)
    return made
