"""Codes of countries."""

import pytest

from domain.identifiers.countries import _CODES, distinguishing_sign


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("POL", "PL"),
        ("PL", "PL"),
        ("pl", "PL"),
        (" ua ", "UA"),
        ("UKR", "UA"),
        ("blr", "BY"),
        ("ru", "RUS"),
        ("RUS", "RUS"),
        ("ee", "EST"),
        ("EST", "EST"),
        ("de", "D"),
        ("D", "D"),
        ("HUN", "H"),
        ("us-ca", "USA"),
        ("us_mo", "USA"),
        ("us-mo", "USA"),
        ("lt", "LT"),
        ("LVA", "LV"),
        ("cze", "CZ"),
        ("sk", "SK"),
        ("rou", "RO"),
        ("md", "MD"),
        ("kz", "KZ"),
        ("tur", "TR"),
        ("geo", "GE"),
        ("xk", "RKS"),
        ("lie", "FL"),
        ("gb", "UK"),
    ],
)
def test_codes_of_all_kinds_become_the_sign(code: str, sign: str) -> None:
    assert distinguishing_sign(code) == sign


@pytest.mark.parametrize("code", [None, "", "3", "NON", "XX", "-", "Poland"])
def test_an_unknown_code_is_none(code: str | None) -> None:
    assert distinguishing_sign(code) is None


def test_no_code_means_two_countries() -> None:
    rows = [_CODES[row : row + 3] for row in range(0, len(_CODES), 3)]
    assert all(distinguishing_sign(code) == row[0] for row in rows for code in row)
