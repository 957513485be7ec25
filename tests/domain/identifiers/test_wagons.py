"""Numbers of wagons and locomotives."""

import pytest

from domain.identifiers.wagons import WAGON


@pytest.mark.parametrize(
    ("raw", "canonical", "country"),
    [
        ("50 51 26-18 001-5", "505126180015", "PL"),
        ("27 51 508 1 472-9", "275150814729", "PL"),
        ("21 81 2471 217-3", "218124712173", "A"),
        ("33 84 4796 100-8", "338447961008", "NL"),
        ("91 85 4605 205-4", "918546052054", "CH"),
        ("92 80 1218 455-4", "928012184554", "D"),
    ],
)
def test_twelve_digits(raw: str, canonical: str, country: str) -> None:
    read = WAGON.read(raw)
    assert (read.raw, read.canonical, read.country) == (raw, canonical, country)
    assert (read.check, read.why) == ("holds", "check_digit")


@pytest.mark.parametrize(
    "raw",
    [
        "9280 1 218 455-4 D-DB",
        "  92801 218455 - 4 D - DB ",
        "9 2 8 0 1218455-4   D -DB",
        "928012184554",
        "92.80.1218.455-4",
    ],
)
def test_stray_blanks_dashes_and_the_keeper_make_no_difference(raw: str) -> None:
    assert WAGON.read(raw).canonical == "928012184554"


@pytest.mark.parametrize("keeper", ["CH-BLSC", "A-ÖBB", "PL-PKPC"])
def test_keepers_with_other_letters(keeper: str) -> None:
    assert WAGON.read(f"91 85 4605 205-4 {keeper}").check == "holds"


def test_a_letter_read_for_a_digit_is_kept_though_the_keeper_goes() -> None:
    read = WAGON.read("9I 85 4605 205-4 CH-BLSC")
    assert (read.canonical, read.check, read.why) == ("9I8546052054", "fails", "characters")


def test_a_wrong_number_of_twelve_digits_is_reported() -> None:
    read = WAGON.read("21 51 508 1 472-9")
    assert (read.check, read.why, read.country) == ("fails", "check_digit", "PL")


@pytest.mark.parametrize("raw", ["45488582", "4548 8582", "4548858-2 БЧ"])
def test_eight_digits_of_the_wide_gauge(raw: str) -> None:
    read = WAGON.read(raw)
    assert (read.canonical, read.country, read.check, read.why) == ("45488582", None, "holds", "check_digit")


def test_of_eight_digits_one_check_digit_holds() -> None:
    assert [digit for digit in range(10) if WAGON.read(f"4548858{digit}").check == "holds"] == [2]


@pytest.mark.parametrize(("raw", "why"), [("9185460520", "length"), ("D-DB", "characters"), ("9A854605", "characters")])
def test_what_is_no_number_is_kept_and_explained(raw: str, why: str) -> None:
    read = WAGON.read(raw)
    assert (read.check, read.why, read.country) == ("fails", why, None)


def test_an_unknown_country_is_none() -> None:
    assert WAGON.read("92 00 1218 455-4").country is None
