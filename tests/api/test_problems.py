"""Every refusal that anybody may raise has a meaning, a stable code of its own, and a Polish text."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import adapters
import api
import bus
import domain
from api import problems
from api.polish import TEXTS
from domain.registrations.errors import CheckDigitsFailed
from domain.shared import errors
from domain.shared.errors import NotHere, Refusal

MEANINGS = {
    errors.Invalid,
    errors.NotFound,
    errors.Conflict,
    errors.Forbidden,
    errors.NotHere,
    errors.Expired,
    errors.Unavailable,
}


def refusals() -> list[type[Refusal]]:
    for package in (domain, bus, api, adapters):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:  # they run when they are imported
                importlib.import_module(module.name)
    return sorted(set(_below(Refusal)), key=lambda each: each.__name__)


def _below(parent: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in parent.__subclasses__():
        if child.__module__.split(".")[0] in {"domain", "bus", "api", "adapters"}:
            yield child
            yield from _below(child)


@pytest.mark.parametrize("refusal", refusals(), ids=lambda each: each.__name__)
def test_refusal_has_a_polish_text(refusal: type[Refusal]) -> None:
    assert refusal.code in TEXTS, f"add {refusal.code} to api/polish.py"


def test_no_polish_text_is_left_over() -> None:
    assert set(TEXTS) == {each.code for each in refusals()} | {Refusal.code}


@pytest.mark.parametrize("refusal", refusals(), ids=lambda each: each.__name__)
def test_refusal_has_one_meaning_and_a_text(refusal: type[Refusal]) -> None:
    assert len(MEANINGS & set(refusal.__mro__)) == 1
    assert refusal in MEANINGS or refusal.code not in {each.code for each in MEANINGS}
    assert refusal.__doc__


def test_table_holds_every_meaning() -> None:
    assert set(problems._MEANINGS) == MEANINGS


def test_problem_tells_all() -> None:
    problem = problems.problem(CheckDigitsFailed(path=("mrz",), failed=("number",), tried_at=3), "en")
    assert isinstance(problem, problems.InvalidInput)
    assert (problem.code, problem.path) == ("CHECK_DIGITS_FAILED", ["mrz"])
    assert [(fact.name, fact.values) for fact in problem.facts] == [("failed", ["number"]), ("triedAt", ["3"])]
    assert problem.message == CheckDigitsFailed.__doc__


def test_problem_speaks_polish() -> None:
    assert problems.message(NotHere("dorohusk"), "pl") == "Decyduje o tym węzeł dorohusk."
    assert problems.problem(NotHere("dorohusk"), "pl") == problems.NotHere(
        code="NOT_HERE",
        message="Decyduje o tym węzeł dorohusk.",
        path=[],
        facts=[problems.Fact(name="node", values=["dorohusk"])],
        node="dorohusk",
    )


def test_text_of_the_instance_counts_in_english() -> None:
    assert problems.message(errors.Unavailable("The watchlist cannot be read now."), "en") == (
        "The watchlist cannot be read now."
    )
