from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_scalar_type,
    print_type,
)
from graphql import (
    build_schema as built_from,
)

from api.doors import NODE_ROLES, NodeRole
from api.objects.lens import described, lens
from api.schema import SDL, build_schema, sdl, write_sdl
from domain.access.model import AuditRecord

ROOTS = {"Query", "Mutation", "Subscription"}


def types_of(role: NodeRole) -> dict[str, GraphQLNamedType]:
    schema: GraphQLSchema = build_schema(role)._schema
    return {
        name: each
        for name, each in schema.type_map.items()
        if not is_introspection_type(each) and not is_specified_scalar_type(each)
    }


@pytest.mark.parametrize("role", NODE_ROLES)
def test_file_in_the_tree_is_the_schema(role: NodeRole) -> None:
    written = (SDL / f"{role}.graphql").read_text(encoding="utf-8")
    assert written == sdl(role), f"api/sdl/{role}.graphql has drifted from the program: run `make sdl` and commit it"


@pytest.mark.parametrize("role", NODE_ROLES)
def test_file_is_sound(role: NodeRole) -> None:
    assert built_from(sdl(role)).query_type is not None


def test_files_are_written(tmp_path: Path) -> None:
    write_sdl(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {f"{role}.graphql" for role in NODE_ROLES}
    assert (tmp_path / "site.graphql").read_text() == sdl("site")


def test_type_that_two_roles_share_is_the_same_to_the_letter() -> None:
    seen: dict[str, str] = {}
    for role in NODE_ROLES:
        for name, each in types_of(role).items():
            if name not in ROOTS:
                assert seen.setdefault(name, print_type(each)) == print_type(each)


def test_root_field_that_two_roles_share_is_the_same_to_the_letter() -> None:
    seen: dict[str, str] = {}
    for role in NODE_ROLES:
        for root in ROOTS:
            for name, field in types_of(role)[root].fields.items():
                arguments = {key: (str(one.type), one.default_value) for key, one in field.args.items()}
                printed = f"{field.description} {arguments} {field.type}"
                assert seen.setdefault(f"{root}.{name}", printed) == printed


def told(each: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    yield each.name, each
    if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in each.fields.items():
            yield f"{each.name}.{name}", field
            for argument, value in getattr(field, "args", {}).items():
                yield f"{each.name}.{name}({argument})", value


@pytest.mark.parametrize("role", NODE_ROLES)
def test_everything_is_described(role: NodeRole) -> None:
    silent = [name for each in types_of(role).values() for name, one in told(each) if not one.description]
    assert silent == ["UUID"]  # the library's own scalar


@pytest.mark.parametrize("role", NODE_ROLES)
def test_every_mutation_takes_one_input_with_a_key_and_answers_a_union_of_problems(role: NodeRole) -> None:
    problems = {
        name
        for name, each in types_of(role).items()
        if isinstance(each, GraphQLObjectType) and any(face.name == "Problem" for face in each.interfaces)
    }
    for name, field in types_of(role)["Mutation"].fields.items():
        assert list(field.args) == ["input"], name
        assert str(field.args["input"].type.of_type.fields["idempotencyKey"].type) == "UUID!", name
        union = field.type.of_type
        assert isinstance(union, GraphQLUnionType), name
        answers = {each.name for each in union.types}
        assert problems < answers, name
        assert len(answers - problems) == 1, name


@pytest.mark.parametrize("role", NODE_ROLES)
def test_every_list_at_the_root_is_limited(role: NodeRole) -> None:
    for name, field in types_of(role)["Query"].fields.items():
        if str(field.type).startswith("["):
            pytest.fail(f"{name} is a bare list")
        if "Connection" in str(field.type):
            assert field.args["first"].default_value == 50, name


def test_roles_differ_by_whole_modules() -> None:
    fields = {role: set(types_of(role)["Mutation"].fields) for role in NODE_ROLES}
    assert fields["region"] == {
        "alarmAcknowledge",
        "quarantinedBatchReplay",
        "quarantinedBatchSetAside",
        "quarantinedEventReplay",
        "quarantinedEventSetAside",
        "verify",
    }
    assert fields["site"] & fields["central"] == fields["region"]
    assert "vehicleRegister" in fields["site"]
    assert "watchlistEntryCreate" in fields["central"]


def test_lens_shows_nothing_that_is_not_there() -> None:
    with pytest.raises(TypeError, match="nonsense"):

        @lens(AuditRecord, "A record.")
        class Broken:
            nonsense: str = described("It is not there.")


def test_lens_shows_its_model_alone() -> None:
    @lens(AuditRecord, "A record.")
    class Record:
        who: str = described("Who.")

    definition = strawberry.Schema(query=Record)._schema.query_type
    assert definition.is_type_of is not None
    assert definition.is_type_of(object(), None) is False
