"""Who may ask what: every root field declares its rule, and a field without one is open to nobody.

A look at personal data needs a stated purpose and is on audit before its answer leaves. Mutations are put on audit by
the dispatcher, in the change they make; only refusals at the door are recorded here.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter

from api.context import Context, context_of
from api.ids import parted
from api.problems import settled
from api.refusals import IdMalformed, PurposeMissing, RoleMissing
from api.rules import CLOSED, RULE, Rule
from domain.access.commands import RecordAccess
from domain.shared.actors import Actor
from domain.shared.errors import Forbidden

_TARGET_MAX = 200
_FILTERS = frozenset(
    {"node", "label", "kind", "state", "trouble", "origin", "child", "who", "target", "checkpoint", "train"}
)


def rule_of(field: GraphQLField) -> Rule:
    """Return the rule that a root field declares, or the one that is open to nobody."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    declared = definition.metadata.get(RULE) if definition else None
    return declared if isinstance(declared, Rule) else CLOSED


async def enter(context: Context, field: str, rule: Rule, target: str, *, look: bool) -> None:
    """Let the caller through to a root field, or not.

    Args:
        context: of the request.
        field: name of the root field; the action on audit.
        rule: of the field.
        target: what is asked for, as it goes on audit.
        look: whether the answer is a look at data, to be put on audit here if it is personal.

    Raises:
        Unauthenticated, RoleMissing, PurposeMissing: the caller may not.
        Unavailable: the look could not be put on audit.
    """
    actor = context.actor
    try:
        _check(actor, rule)
    except Forbidden as refusal:
        await context.dispatch(RecordAccess(action=field, target=target, outcome=f"refused:{refusal.code}"))
        raise
    if look and rule.personal:
        await context.dispatch(RecordAccess(action=field, target=target, outcome="consulted"))


def _check(actor: Actor, rule: Rule) -> None:
    if not actor.roles & rule.roles:
        raise RoleMissing
    if rule.personal and not actor.purpose:
        raise PurposeMissing


def install(schema: GraphQLSchema) -> None:
    """Put the guard before every root field of a schema."""
    for name, field in _fields(schema.query_type):
        field.resolve = _guarded(name, field, field.resolve, look=True)
    for name, field in _fields(schema.mutation_type):
        field.resolve = _guarded(name, field, settled(field.resolve), look=False)
    for name, field in _fields(schema.subscription_type):
        field.subscribe = _guarded(name, field, field.subscribe, look=True)


def _fields(root: GraphQLObjectType | None) -> list[tuple[str, GraphQLField]]:
    return list(root.fields.items()) if root else []


def _guarded(name: str, field: GraphQLField, resolve: Any, *, look: bool) -> Callable[..., Any]:
    rule = rule_of(field)

    async def guarded(source: Any, info: Any, **arguments: Any) -> Any:
        await enter(context_of(info), name, rule, _target(arguments), look=look)
        answer = resolve(source, info, **arguments)
        return await answer if hasattr(answer, "__await__") else answer

    return guarded


def _target(arguments: Mapping[str, Any]) -> str:
    """Describe what is asked for: the id alone, or the filters; of a mutation's input nothing but ids."""
    given = arguments.get("input", arguments)
    named = [value for name, value in given.items() if _is_id(name) and value is not None]
    ids = [local(one) for value in named for one in (value if isinstance(value, list) else [value])]
    filters = [f"{name}={_plain(value)}" for name, value in arguments.items() if name in _FILTERS and value]
    return " ".join(ids or filters)[:_TARGET_MAX] or "all"


def _is_id(name: str) -> bool:
    return name in ("id", "ids") or name.endswith("Id")


def local(given: str) -> str:
    """Return what stands on audit for a global id."""
    try:
        return parted(given)[1]
    except IdMalformed:
        return given[:_TARGET_MAX]


def _plain(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)
