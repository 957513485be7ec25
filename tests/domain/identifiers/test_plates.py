"""Plates of vehicles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers.identifier import Identifier
from domain.identifiers.plates import PlateUnreadable, country_of_shape, plate

LATIN, CYRILLIC = "ABEKMHOPCTYXI", "АВЕКМНОРСТУХІ"  # noqa: RUF001 - the look-alikes are the point
LETTERS = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=32)


def test_a_plate_in_all_its_forms() -> None:
    assert plate("wa 8882-2", "pl") == Identifier(
        kind="plate", raw="wa 8882-2", canonical="WA88822", folded="WA88822", country="PL", check="holds", why="shape"
    )


@pytest.mark.parametrize("raw", ["AA 1234 BB", "aa1234bb", "AA-1234-BB", "АА1234ВВ", "аа•1234.вв", "\tAA1234\x00BB\n"])  # noqa: RUF001 - Cyrillic plates
def test_spellings_of_one_plate_are_equal(raw: str) -> None:
    assert plate(raw).canonical == "AA1234BB"


@given(LETTERS)
def test_cyrillic_look_alikes_are_latin_letters(text: str) -> None:
    assert plate(text.translate(str.maketrans(LATIN, CYRILLIC))).canonical == text


@pytest.mark.parametrize(("raw", "letters"), [("GO\u0308 AB 12", "GÖAB12"), ("\uff37\uff21\uff11", "WA1")])
def test_letters_in_several_encodings_are_one(raw: str, letters: str) -> None:
    assert plate(raw).canonical == letters


@given(LETTERS, st.sampled_from(" -.·/_\u00a0\u2013"))
def test_separators_and_case_do_not_matter(text: str, separator: str) -> None:
    assert plate(separator.join(text.lower())).canonical == text


@pytest.mark.parametrize(
    ("country", "raw"),
    [
        ("PL", "LU 8901A"),
        ("PL", "W1 ABCD"),
        ("UA", "AA 1234 BB"),
        ("BY", "1234 AB-7"),
        ("BY", "AB 1234-7"),
        ("RUS", "А123ВС 77"),  # noqa: RUF001 - a Cyrillic plate
        ("RUS", "A123BC 777"),
        ("RUS", "AB1234 77"),
        ("LT", "ABC 123"),
        ("LT", "AB 123"),
        ("LV", "AB-1234"),
        ("EST", "123 ABC"),
        ("D", "B-AB 1234"),
        ("D", "GÖ AB 12E"),
        ("CZ", "1A2 3456"),
        ("SK", "BA-123AB"),
        ("RO", "B 123 ABC"),
        ("H", "ABC-123"),
        ("H", "AA BC-123"),
        ("MD", "ABC 123"),
        ("KZ", "123 ABC 01"),
        ("TR", "34 ABC 123"),
        ("GE", "AA-123-AA"),
    ],
)
def test_ordinary_plates_have_the_shape_of_their_country(country: str, raw: str) -> None:
    read = plate(raw, country)
    assert (read.check, read.why, read.country) == ("holds", "shape", country)


def test_the_letter_i_of_ukrainian_plates_folds_with_1_and_is_kept_in_the_canonical_form() -> None:
    read, misread = plate("АІ 1234 ВС", "UKR"), plate("A1 1234 BC", "UKR")  # noqa: RUF001 - a Cyrillic plate
    assert (read.canonical, read.check) == ("AI1234BC", "holds")
    assert (misread.canonical, misread.check) == ("A11234BC", "fails")
    assert read.folded == misread.folded


@pytest.mark.parametrize(
    ("letters", "country"), [("AA1234BB", "UA"), ("1234AB7", "BY"), ("WA12345", None), ("ABC123", None), ("X", None)]
)
def test_a_shape_tells_the_country_where_only_one_has_it(letters: str, country: str | None) -> None:
    assert country_of_shape(letters) == country


@pytest.mark.parametrize(("country", "raw"), [("UA", "AA1234ZZ"), ("BY", "1234AB9"), ("LT", "123ABC"), ("PL", "12345")])
def test_an_unusual_shape_is_reported_not_refused(country: str, raw: str) -> None:
    read = plate(raw, country)
    assert (read.check, read.why, read.canonical) == ("fails", "shape", raw)


@pytest.mark.parametrize("country", [None, "us-ca", "F", "3"])
def test_without_a_known_shape_there_is_nothing_to_check(country: str | None) -> None:
    read = plate("PL8REC", country)
    assert (read.check, read.why) == ("none", None)


@pytest.mark.parametrize("raw", ["", " - . ", "\x00", "A" * 33, "A" * 200, "•" * 1000])
def test_nothing_and_too_much_are_refused(raw: str) -> None:
    with pytest.raises(PlateUnreadable) as refusal:
        plate(raw)
    assert refusal.value.code == "PLATE_UNREADABLE"
    assert refusal.value.path == ("plate",)


def test_the_longest_plate_is_read() -> None:
    assert plate("A" * 32).canonical == "A" * 32


@given(st.text(), st.none() | st.text(max_size=6))
def test_any_text_is_read_or_refused(raw: str, country: str | None) -> None:
    try:
        read = plate(raw, country)
    except PlateUnreadable:
        return
    assert 0 < len(read.canonical) <= 32
    assert read.canonical.isalnum()
    assert read.raw == raw
