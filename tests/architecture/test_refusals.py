"""Refusals: the text is the docstring, and the code tells them apart."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module

import pytest

from domain.shared.errors import Refusal
from tests.architecture.tree import ROOMS, sources

SHARED = {
    "DEVICE_UNKNOWN": "the organisation's and the registrations' word for the same device",
}


def _refusals() -> Iterator[type[Refusal]]:
    names = {Refusal.__name__}
    while grown := {each.name for _, each in _classes() if _bases(each) & names} - names:
        names |= grown
    for module, each in _classes():
        if each.name == Refusal.__name__ or _bases(each) & names:
            yield getattr(import_module(module), each.name)


def _classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for source in sources(*ROOMS):
        yield from ((source.module, node) for node in source.tree.body if isinstance(node, ast.ClassDef))


def _bases(defined: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in defined.bases}


REFUSALS = tuple(_refusals())


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_text_is_a_sentence(refusal: type[Refusal]) -> None:
    text = (vars(refusal).get("__doc__") or "").splitlines()[:1]
    assert text
    assert text[0].endswith(".")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_code_is_its_own(refusal: type[Refusal]) -> None:
    code = vars(refusal).get("code", "")
    assert code.isascii()
    assert code.replace("_", "").isupper()


def test_no_two_refusals_have_one_code_unless_they_mean_one_thing() -> None:
    by_code = defaultdict(set)
    for refusal in REFUSALS:
        by_code[refusal.code].add(f"{refusal.__module__}.{refusal.__name__}")
    assert {code: names for code, names in by_code.items() if len(names) > 1 and code not in SHARED} == {}
    assert {code for code in SHARED if len(by_code[code]) < 2} == set()


def test_one_code_has_one_meaning() -> None:
    meanings = {code: {type_.__bases__[0] for type_ in REFUSALS if type_.code == code} for code in SHARED}
    assert {code for code, bases in meanings.items() if len(bases) > 1} == set()
