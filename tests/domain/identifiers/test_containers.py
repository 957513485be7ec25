"""Codes of containers and of loading units."""

import pytest

from domain.identifiers.containers import CONTAINER


@pytest.mark.parametrize("code", ["CSQU3054383", "TASU1170000", "MSKU6011672", "ZEPU0037255"])
def test_containers(code: str) -> None:
    read = CONTAINER.read(code)
    assert (read.kind, read.canonical, read.check, read.why) == ("container", code, "holds", "check_digit")


@pytest.mark.parametrize("category", "UJZABDEK")
def test_loading_units_share_the_check_digit(category: str) -> None:
    """Of the categories, the check digit alone differs: one of the ten holds."""
    assert [CONTAINER.read(f"CSQ{category}305438{digit}").check for digit in range(10)].count("holds") == 1


def test_a_wrong_check_digit_is_reported() -> None:
    read = CONTAINER.read("CSQU3054384")
    assert (read.check, read.why) == ("fails", "check_digit")


@pytest.mark.parametrize("raw", ["csqu 305438-3", "CSQU 305438 3 22G1", "CSQU3054383 L5G1", "СSQU3054383"])  # noqa: RUF001 - a Cyrillic letter
def test_blanks_case_and_the_code_of_size_make_no_difference(raw: str) -> None:
    read = CONTAINER.read(raw)
    assert (read.raw, read.canonical, read.check) == (raw, "CSQU3054383", "holds")


@pytest.mark.parametrize(
    ("raw", "why"), [("CSQX3054383", "shape"), ("CSQU305438", "length"), ("C5QU3054383", "shape"), ("Ö", "characters")]
)
def test_what_is_no_code_is_kept_and_explained(raw: str, why: str) -> None:
    read = CONTAINER.read(raw)
    assert (read.canonical, read.check, read.why) == (raw, "fails", why)
