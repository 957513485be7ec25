"""The rules of matching, by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers.documents import document_number
from domain.identifiers.identifier import Identifier
from domain.identifiers.plates import plate
from domain.watchlist.matching import EXACT, FOLDED, differences, key_met

texts = st.text(alphabet="WAO012I5S", min_size=1, max_size=8)
countries = st.sampled_from([None, "PL", "UA"])


@pytest.mark.parametrize(
    ("read", "sought", "key"),
    [
        (plate("wa 12345"), plate("WA-12345"), EXACT),
        (plate("WA 1234S"), plate("WA 12345"), FOLDED),
        (plate("WA 12346"), plate("WA 12345"), None),
        (plate("WA 12345", "PL"), plate("WA 12345", "UA"), None),
        (plate("WA 1234S", "PL"), plate("WA 12345", "UA"), None),
        (plate("WA 12345", "PL"), plate("WA 12345", None), EXACT),
        (plate("WA 12345", None), plate("WA 12345", "PL"), EXACT),
        (document_number("WA12345"), plate("WA 12345"), None),
        (document_number("ZS 0000177", "POL"), document_number("ZS0000177", "POL"), EXACT),
    ],
)
def test_by_which_key_two_identifiers_agree(read: Identifier, sought: Identifier, key: str | None) -> None:
    assert key_met(read, sought) == key


@given(texts, countries, texts, countries)
def test_agreement_is_mutual(left: str, left_country: str | None, right: str, right_country: str | None) -> None:
    one, two = plate(left, left_country), plate(right, right_country)

    assert key_met(one, two) == key_met(two, one)


@given(texts, countries)
def test_an_identifier_agrees_with_itself_exactly(text: str, country: str | None) -> None:
    assert key_met(plate(text, country), plate(text, country)) == EXACT


@given(texts, texts, countries)
def test_saying_the_country_never_makes_a_match_where_there_was_none(
    left: str, right: str, country: str | None
) -> None:
    if key_met(plate(left), plate(right)) is None:
        assert key_met(plate(left, country), plate(right, country)) is None


def test_differences_are_positions_from_zero() -> None:
    assert differences("WA12345", "WA12345") == ()
    assert differences("WA1234S", "WAI2345") == (2, 6)
