"""Well-formed requests of every root field, with values of which some make sense together and some none at all."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
)
from hypothesis import strategies as st

from api.doors import NodeRole
from api.ids import cursor, global_id, parted
from api.schema import build_schema

Request = tuple[str, dict[str, Any]]

CAMERA = global_id("Device", "cam-1")
MRZ = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
UUIDS = st.uuids().map(str)
KINDS = ["Alarm", "Registration", "WatchlistEntry", "QuarantinedPush"]
KNOWN_PLACE = re.compile(r'"known-(\w*)-(\d+)"')
SENSIBLE = st.sampled_from(["lane-1", "inbound", "outbound", "WA12345", "plate", "document", "pl", "x" * 300, ""])
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "UUID": UUIDS,
    "ID": st.builds(global_id, st.sampled_from(KINDS), UUIDS) | st.just(CAMERA) | st.text(),
    "String": SENSIBLE | SENSIBLE | SENSIBLE | UUIDS.map(cursor) | st.text(),
    "Boolean": st.booleans(),
    "Float": st.floats(1, 3) | st.floats(allow_nan=False, allow_infinity=False),
    "Int": st.integers(1, 3) | st.integers(1, 100) | st.integers(-(2**31), 2**31 - 1),
    "Int64": (st.integers(1, 20_000) | st.integers()).map(str) | st.integers(-(2**63), 2**63 - 1) | st.text(),
    "Date": st.dates().map(lambda day: day.isoformat()) | st.text(max_size=10),
    "DateTime": st.datetimes(timezones=st.none() | st.timezones()).map(lambda at: at.isoformat()),
}
BY_NAME: dict[str, Sequence[Any]] = {
    "at": ["2026-03-02T05:59:00+00:00", "2026-03-02T06:00:00Z"],
    "after": [None],
    "axlesKg": [[7_000.0, 11_000.0]],
    "birthDate": ["1974-08-12"],
    "checkpoint": ["gate-1"],
    "code": ["dorohusk", "lane-1", "MSKU6011672", "x-1"],
    "country": ["POL", "UKR"],
    "direction": ["outbound", "inbound"],
    "directions": [["outbound"], ["outbound", "inbound"]],
    "document": ["L898902C3", "AB1234567"],
    "first": [1, 20, 100],
    "format": ["plate_recognizer_stream", "hikvision_isapi"],
    "issuer": ["UTO", "POL"],
    "kind": ["plate", "document"],
    "lane": ["lane-1"],
    "lines": [MRZ],
    "mrz": [MRZ],
    "nationality": ["UTO", "POL"],
    "node": ["dorohusk"],
    "parent": ["", "x-1"],
    "plate": ["WA12345", "LU99X0", "AA1234BB"],
    "post": ["x-1", "dorohusk"],
    "priority": [1, 2, 3],
    "scope": ["pl", "lublin", "dorohusk"],
    "seen": [1, 1, 2],
    "sex": ["F", "M"],
    "site": ["dorohusk"],
    "unit": ["x-1"],
    "value": ["WA12345", "LU99X0"],
    "version": ["1", "1", "2"],
    "wagons": [["31514562349"]],
}
"""What makes sense in a field of this name."""


def calls(role: NodeRole) -> Iterator[st.SearchStrategy[Request]]:
    """Yield well-formed requests of each root field; ids that only the node can tell are left open."""
    schema = build_schema(role)._schema
    for kind, root in (("mutation", schema.mutation_type), ("query", schema.query_type)):
        for name, field in root.fields.items():
            yield _asked(kind, name, field)


def filled(request: Request, known: Sequence[str]) -> bytes:
    """Return the body of a request, with ids that are known, of the type meant if any is, where they were left open."""

    def known_id(place: re.Match[str]) -> str:
        fitting = [each for each in known if parted(each)[0].endswith(place[1])] or known
        return json.dumps(fitting[int(place[2]) % len(fitting)])

    query, variables = request
    return KNOWN_PLACE.sub(known_id, json.dumps({"query": query, "variables": variables})).encode()


def ids_in(answer: Any) -> Iterator[str]:
    """Yield the ids in an answer."""
    for value in answer.values() if isinstance(answer, dict) else answer:
        if isinstance(value, dict | list):
            yield from ids_in(value)
    if isinstance(answer, dict) and isinstance(answer.get("id"), str):
        yield answer["id"]


def _asked(kind: str, name: str, field: GraphQLField) -> st.SearchStrategy[Request]:
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
    given = ", ".join(f"{key}: ${key}" for key in field.args)
    head = f"{kind} ({declared}) {{ {name} ({given})" if declared else f"{kind} {{ {name}"
    query = f"{head} {_selection(field.type)} }}"
    values = {key: _value_of(argument.type, key, name) for key, argument in field.args.items()}
    return st.fixed_dictionaries(values).map(lambda variables: (query, variables))


def _value_of(type_: Any, name: str, of: str) -> st.SearchStrategy[Any]:
    """Return values of an input type for a field of this name, in an argument of a root field."""
    if not isinstance(type_, GraphQLNonNull):
        return _mostly(_some_value_of(type_, name, of), st.none())
    return _some_value_of(type_.of_type, name, of)


def _some_value_of(type_: Any, name: str, of: str) -> st.SearchStrategy[Any]:
    if isinstance(type_, GraphQLInputObjectType):
        return st.fixed_dictionaries({key: _value_of(field.type, key, of) for key, field in type_.fields.items()})
    if is_list_type(type_):
        value = st.lists(_value_of(type_.of_type, name, of), max_size=3)
    elif not isinstance(type_, GraphQLScalarType):
        return st.sampled_from(sorted(type_.values))
    elif type_.name == "ID":
        value = _mostly(_known((of if name == "id" else name.removesuffix("Id"))[1:]), SCALARS["ID"])
    else:
        value = SCALARS[type_.name]
    return _mostly(st.sampled_from(BY_NAME[name]), value) if _is_meant(name, type_) else value


def _is_meant(name: str, type_: Any) -> bool:
    """Whether `BY_NAME` has values for fields of this name and type."""
    if name not in BY_NAME or isinstance(get_named_type(type_), GraphQLInputObjectType):
        return False
    return isinstance(BY_NAME[name][0], list) == is_list_type(type_)


def _known(kind: str) -> st.SearchStrategy[str]:
    """Return what stands for an id that an earlier answer told, of a type whose name ends so."""
    return st.integers(0, 99).map(lambda number: f"known-{kind}-{number}")


def _mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return the usual, but once in eight times the other."""
    return st.integers(0, 7).flatmap(lambda number: usual if number < 7 else other)


def _selection(type_: Any, depth: int = 3) -> str:
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        parts = [f"... on {each.name} {_selection(each, depth)}" for each in named.types]
        return "{ __typename " + " ".join(parts) + " }"
    if not isinstance(named, GraphQLObjectType) or depth == 0:
        return "{ __typename }"
    parts = [f"{name} {_selection(field.type, depth - 1)}" for name, field in named.fields.items() if not field.args]
    return "{ __typename " + " ".join(parts) + " }"
