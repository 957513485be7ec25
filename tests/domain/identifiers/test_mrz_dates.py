"""Dates of a machine-readable zone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers.mrz_dates import birth, expiry

TODAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("740812", date(1974, 8, 12)),
        ("260615", date(2026, 6, 15)),
        ("260616", date(1926, 6, 16)),
        ("000229", date(2000, 2, 29)),
        ("991231", date(1999, 12, 31)),
    ],
)
def test_a_date_of_birth_is_the_latest_that_is_not_in_the_future(text: str, exact: date) -> None:
    assert birth(text, TODAY) == (exact, None)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("7408<<", "1974-08"),
        ("740800", "1974-08"),
        ("74<<<<", "1974"),
        ("740000", "1974"),
        ("26<<<<", "2026"),
        ("2607<<", "1926-07"),
        ("27<<<<", "1927"),
        ("740230", "1974-02"),
        ("741312", "1974"),
        ("74<<12", "1974"),
        ("<<<<<<", ""),
        ("O40812", ""),
        ("7O0812", ""),
    ],
)
def test_of_an_incomplete_or_impossible_birth_the_known_part_is_kept(text: str, known: str) -> None:
    assert birth(text, TODAY) == (None, known)


@given(
    st.dates(max_value=date(2099, 12, 31), min_value=date(1900, 1, 1)), st.text("0123456789<A", min_size=6, max_size=6)
)
def test_a_birth_is_never_in_the_future(today: date, text: str) -> None:
    exact, known = birth(text, today)
    assert (exact is None) == (known is not None)
    assert exact is None or exact <= today
    assert not known or known <= today.isoformat()


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("120415", date(2012, 4, 15)),
        ("961210", date(1996, 12, 10)),
        ("360101", date(2036, 1, 1)),
        ("750101", date(2075, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("<<<<<<", None),
        ("260230", None),
        ("2606<<", None),
    ],
)
def test_an_expiry_is_the_date_nearest_to_today(text: str, exact: date | None) -> None:
    assert expiry(text, TODAY) == exact
