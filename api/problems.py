"""THE table that translates: from refusals by meaning to the problems of the schema, in the caller's language."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import strawberry

from api import polish
from api.context import context_of
from api.ids import global_id
from api.language import Language
from domain.shared import errors
from domain.shared.errors import Refusal


@strawberry.type(description="What else is known about a problem.")
class Fact:
    """What else is known about a problem."""

    name: str = strawberry.field(description="What it is about.")
    values: list[str] = strawberry.field(description="What is known of it.")


@strawberry.interface(description="Why a request was refused. Match on `code`, show `message`.")
class Problem:
    """Why a request was refused."""

    code: str = strawberry.field(description="Stable name of the problem; it never changes.")
    message: str = strawberry.field(description="The problem in the caller's language (header Accept-Language).")
    path: list[str] = strawberry.field(description="The field of `input` at fault, outermost first; may be empty.")
    facts: list[Fact] = strawberry.field(description="What else is known, by name.")


@strawberry.type(description="The input does not make sense.")
class InvalidInput(Problem):
    """The input does not make sense."""


@strawberry.type(description="There is no such object.")
class NotFound(Problem):
    """There is no such object."""


@strawberry.type(description="The object is in a state that does not allow this.")
class Conflict(Problem):
    """The object is in a state that does not allow this."""


@strawberry.type(description="You may not do this.")
class Forbidden(Problem):
    """You may not do this."""


@strawberry.type(description="Another node decides this.")
class NotHere(Problem):
    """Another node decides this."""

    node: str = strawberry.field(description="Code of the node that decides.")


@strawberry.type(description="The time for this is over.")
class Expired(Problem):
    """The time for this is over."""


@strawberry.type(description="A part that is needed does not answer now; try again.")
class Unavailable(Problem):
    """A part that is needed does not answer now; try again."""


AnyProblem = InvalidInput | NotFound | Conflict | Forbidden | NotHere | Expired | Unavailable
"""Every mutation may answer each of them, so that a new refusal never breaks a client."""

_MEANINGS: Mapping[type[Refusal], type[AnyProblem]] = {
    errors.Invalid: InvalidInput,
    errors.NotFound: NotFound,
    errors.Conflict: Conflict,
    errors.Forbidden: Forbidden,
    errors.NotHere: NotHere,
    errors.Expired: Expired,
    errors.Unavailable: Unavailable,
}

_OBJECTS: Final[Mapping[str, str]] = {
    "crossing": "Crossing",
    "registration": "Registration",
    "registrations": "Registration",
    "shift": "Shift",
}
"""Facts that are ids, and of what: callers know objects by their global ids."""


def problem(refusal: Refusal, language: Language) -> AnyProblem:
    """Return the problem that tells of a refusal."""
    meaning = next(_MEANINGS[each] for each in type(refusal).__mro__ if each in _MEANINGS)
    node = {"node": str(refusal.facts["node"])} if meaning is NotHere else {}
    return meaning(
        code=refusal.code,
        message=message(refusal, language),
        path=list(refusal.path),
        facts=[Fact(name=_camel(name), values=_values(name, value)) for name, value in refusal.facts.items()],
        **node,
    )


def message(refusal: Refusal, language: Language) -> str:
    """Return the text of a refusal; where no Polish text is at hand, the English one."""
    if language == "pl" and (text := polish.TEXTS.get(refusal.code)):
        return text.format_map(refusal.facts)
    return refusal.message


def settled(resolve: Any) -> Callable[..., Any]:
    """Return a mutation's resolver that answers a problem where ``resolve`` refuses."""

    async def settle(source: Any, info: Any, **arguments: Any) -> Any:
        try:
            return await resolve(source, info, **arguments)
        except Refusal as refusal:
            return problem(refusal, context_of(info).language)

    return settle


def _values(name: str, value: object) -> list[str]:
    values = [value] if isinstance(value, str) or not isinstance(value, Iterable) else value
    return [global_id(_OBJECTS[name], str(each)) if name in _OBJECTS else str(each) for each in values]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(each.capitalize() for each in rest)
