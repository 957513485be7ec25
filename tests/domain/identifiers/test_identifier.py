"""Canonical and look-alike forms."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers.identifier import canonical, fold

CLASSES = ("0ODQ", "1IL", "2Z", "5S", "8B", "6G")


@pytest.mark.parametrize("alike", CLASSES)
def test_look_alikes_fold_to_the_same(alike: str) -> None:
    assert len({fold(letter) for letter in alike}) == 1


def test_different_classes_stay_apart() -> None:
    assert all(fold(one[0]) != fold(other[0]) for one, other in combinations(CLASSES, 2))


@pytest.mark.parametrize("letter", "ACEFHJKMNPRTUVWXY3479")
def test_what_is_in_no_class_is_kept(letter: str) -> None:
    assert fold(letter) == letter


@given(st.text())
def test_canonical_and_fold_are_stable(raw: str) -> None:
    once = canonical(raw)
    assert canonical(once) == once
    assert fold(fold(once)) == fold(once)


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), st.data())
def test_a_misread_look_alike_does_not_change_the_folded_form(text: str, data: st.DataObject) -> None:
    misread = "".join(
        data.draw(st.sampled_from(next((alike for alike in CLASSES if letter in alike), letter))) for letter in text
    )
    assert fold(misread) == fold(text)
