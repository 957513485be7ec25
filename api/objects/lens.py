"""How an object of the schema shows a read model: by plain attributes of the same name, without copying."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition

from api.ids import global_id

T = TypeVar("T")

_ID = "Opaque, and unique over all types of objects."


@strawberry.interface(description="An object that can be found by its id alone, with `node(id:)`.")
class Node:
    """An object that can be found by its id alone."""

    id: strawberry.ID = strawberry.field(description=_ID)


def lens(model: type, description: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator that makes an object of the schema that shows ``model``.

    Raises:
        TypeError: the object has a field that is not computed and that ``model`` does not have.
    """

    def decorate(cls: type[T]) -> type[T]:
        cls.is_type_of = classmethod(lambda _, value, __: isinstance(value, model))  # type: ignore[attr-defined]  # strawberry looks for it
        made = strawberry.type(cls, description=description)
        missing = _plain_fields(get_object_definition(made, strict=True)) - _attributes(model)
        if missing:
            raise TypeError(f"{cls.__name__} shows what {model.__name__} has not: {sorted(missing)}")
        return made

    return decorate


def id_of(kind: str, attribute: str = "id", description: str = _ID) -> Any:
    """Return a field with the global id of an object of type ``kind`` whose local id is in ``attribute``."""

    def resolve(root: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(global_id(kind, getattr(root, attribute)))

    return strawberry.field(resolver=resolve, description=description)


def optional_id_of(kind: str, attribute: str, description: str) -> Any:
    """Return the same field where ``attribute`` may be None."""

    def resolve(root: strawberry.Parent[Any]) -> strawberry.ID | None:
        local = getattr(root, attribute)
        return None if local is None else strawberry.ID(global_id(kind, local))

    return strawberry.field(resolver=resolve, description=description)


def described(description: str) -> Any:
    """Return a field that shows the attribute of its name."""
    return strawberry.field(description=description)


def _plain_fields(definition: StrawberryObjectDefinition) -> set[str]:
    return {field.python_name for field in definition.fields if field.base_resolver is None}


def _attributes(model: type) -> set[str]:
    properties = {name for name, value in vars(model).items() if isinstance(value, property)}
    return {field.name for field in dataclasses.fields(model)} | properties
