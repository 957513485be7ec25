"""Which one character may have been misread."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identifiers.corrections import corrections
from domain.identifiers.kinds import parse
from domain.identifiers.look_alikes import look_alikes


def offered(kind: str, text: str, country: str | None = None) -> list[tuple[str, bool]]:
    return [(each.canonical, each.look_alike) for each in corrections(parse(kind, text, country))]


@pytest.mark.parametrize(
    ("kind", "read", "meant"),
    [
        ("wagon", "9I 85 4605 205-4 CH-BLSC", "918546052054"),
        ("wagon", "45A88582", "45488582"),
        ("nip", "8S67346215", "8567346215"),
        ("pesel", "44O51401359", "44051401359"),
        ("un_number", "12O2", "1202"),
        ("container", "MSKU6O11672", "MSKU6011672"),
    ],
)
def test_a_letter_for_a_digit_has_one_correction(kind: str, read: str, meant: str) -> None:
    assert offered(kind, read) == [(meant, True)]


def test_a_digit_for_a_letter_is_corrected_first() -> None:
    assert offered("container", "C5QU3054383")[0] == ("CSQU3054383", True)


def test_ukrainian_plates_confuse_1_and_i() -> None:
    assert offered("plate", "A11234BB", "UA") == [("AI1234BB", True)]


def test_of_a_wrong_wagon_number_each_digit_may_be_the_wrong_one() -> None:
    found = offered("wagon", "215150814729")
    assert ("275150814729", False) in found
    assert len(found) == 12
    assert not any(alike for _, alike in found)


def test_look_alikes_come_first() -> None:
    flags = [alike for _, alike in offered("mrn", "22DK1V0QQK2S6J7TU2")]
    assert flags == sorted(flags, reverse=True)
    assert flags[0]


def test_what_a_correction_says() -> None:
    (only,) = corrections(parse("wagon", "9I8546052054"))
    assert (only.place, only.was, only.becomes, only.canonical) == (1, "I", "1", "918546052054")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("wagon", "275150814729"),
        ("wagon", "27515081472"),
        ("vin", "WVWZZZ1KZAW123456"),
        ("document", "ZE8000509"),
        ("plate", "A11234BB"),
        ("mrn", "DEDE586601055987B7"),
        ("tir", "T1RXF12345678"),
    ],
)
def test_what_holds_and_what_is_too_wrong_has_none(kind: str, text: str) -> None:
    assert corrections(parse(kind, text)) == ()


@settings(max_examples=15)
@given(st.sampled_from(["918546052054", "45488582"]), st.data())
def test_a_misread_digit_is_among_the_corrections(meant: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(meant) - 1))
    read = data.draw(st.sampled_from("0123456789" + look_alikes(meant[place])).filter(lambda c: c != meant[place]))
    found = offered("wagon", f"{meant[:place]}{read}{meant[place + 1 :]}")
    assert meant in [text for text, _ in found]
    assert all(parse("wagon", text).check == "holds" for text, _ in found)


@pytest.mark.parametrize(
    ("character", "alike"), [("0", "ODQ"), ("L", "1I"), ("4", "A"), ("T", "7"), ("V", "Y"), ("W", "")]
)
def test_look_alikes(character: str, alike: str) -> None:
    assert look_alikes(character) == alike
