"""The table of kinds, and what holds for each of them."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.identifiers.documents import DocumentNumberUnreadable
from domain.identifiers.identifier import canonical
from domain.identifiers.kind import IdentifierUnreadable
from domain.identifiers.kinds import KINDS, NAMES, IdentifierKindUnknown, guess, parse
from domain.identifiers.plates import PlateUnreadable

FEW = settings(max_examples=40)
CHECKED = ("vin", "container", "wagon", "mrn", "grn", "nip", "pesel", "regon")
EVERY_DIGIT = ("wagon", "nip", "pesel")
"""Kinds whose check digit finds every single wrong digit; those modulo eleven that take 10 for 0 miss some."""
WHYS = {"length", "characters", "shape", "check_digit"}
DIGITS = "0123456789"


@st.composite
def valid(draw: st.DrawFn, name: str) -> str:
    """Return an identifier of a kind whose check holds, as the kind's own shape and check digit say."""
    text = draw(st.from_regex(re.compile(KINDS[name].shape.pattern, re.ASCII), fullmatch=True))
    ends = [f"{text[:-1]}{digit}" for digit in DIGITS] if name != "vin" else [text]
    if name == "vin":
        ends = [f"1{text[1:8]}{digit}{text[9:]}" for digit in "0123456789X"]
    if name in {"grn", "regon"}:
        width = 17 if name == "grn" else 9
        ends = [f"{text[: width - 1]}{digit}" for digit in DIGITS]
    held = [each for each in ends if parse(name, each).check == "holds"]
    assume(held)
    return held[0]


def test_the_names_are_these() -> None:
    assert {name for name in NAMES if name in KINDS} == {kind.name for kind in KINDS.values()}
    assert len(NAMES) == len(set(NAMES)) == 15


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(IdentifierKindUnknown) as refusal:
        parse("colour", "red")
    assert (refusal.value.code, refusal.value.path) == ("IDENTIFIER_KIND_UNKNOWN", ("kind",))


def test_plates_and_documents_are_kinds() -> None:
    assert (parse("plate", "wa 88822", "pol").country, parse("plate", "wa 88822").check) == ("PL", "none")
    assert (parse("document", "ze 8000509", "POL").canonical, parse("document", "x1").country) == ("ZE8000509", None)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("raw", ["", " -/. ", "1" * 33, "-" * 201, "1" * 201])
def test_nothing_and_too_much_are_refused(name: str, raw: str) -> None:
    with pytest.raises(IdentifierUnreadable) as refusal:
        parse(name, raw)
    assert (refusal.value.code, refusal.value.path) == ("IDENTIFIER_UNREADABLE", ("text",))


@pytest.mark.parametrize("name", KINDS)
def test_a_label_alone_is_kept(name: str) -> None:
    assert parse(name, "NIP").check == ("holds" if name == "eori" else "fails")


@FEW
@given(st.sampled_from(NAMES), st.text(max_size=60) | st.text("0123456789ABCDXZ -", max_size=40))
def test_any_text_is_read_or_refused(name: str, raw: str) -> None:
    try:
        read = parse(name, raw)
    except (IdentifierUnreadable, PlateUnreadable, DocumentNumberUnreadable):
        return
    assert (read.kind, read.raw) == (name, raw)
    assert read.why in WHYS or (read.check, read.why) == ("none", None)
    again = parse(name, read.canonical)
    assert (again.canonical, again.check, again.why) == (read.canonical, read.check, read.why)


@FEW
@given(st.sampled_from(CHECKED).flatmap(lambda name: st.tuples(st.just(name), valid(name))), st.sampled_from(" -./_"))
def test_separators_and_case_make_no_difference(given_: tuple[str, str], separator: str) -> None:
    name, text = given_
    assert parse(name, separator.join(text.lower())).canonical == parse(name, text).canonical


@FEW
@given(st.sampled_from(EVERY_DIGIT).flatmap(lambda name: st.tuples(st.just(name), valid(name))), st.data())
def test_every_wrong_digit_is_found(given_: tuple[str, str], data: st.DataObject) -> None:
    name, text = given_
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from(DIGITS.replace(text[place], "")))
    assert parse(name, f"{text[:place]}{wrong}{text[place + 1 :]}").check == "fails"


@FEW
@given(st.sampled_from(("container", "mrn")).flatmap(lambda name: st.tuples(st.just(name), valid(name))))
def test_of_the_check_digits_one_holds(given_: tuple[str, str]) -> None:
    name, text = given_
    assert [parse(name, f"{text[:-1]}{digit}").check for digit in DIGITS].count("holds") == 1


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("MSKU 601167-2", ["container", "document", "eori"]),
        ("27 51 508 1 472-9", ["wagon", "document"]),
        ("21 51 508 1 472-9", ["document", "wagon"]),
        ("44051401359", ["pesel", "document"]),
        ("1M8GDM9AXKP042788", ["vin", "document"]),
        ("22ITZXBZYUTJFLJXK6", ["mrn", "document"]),
        ("AA 1234 BB", ["plate", "document", "eori"]),
        ("WA 12345", ["plate", "document", "eori"]),
        ("33/1203", ["adr_plate", "goods_code", "document"]),
        ("UN 1202", ["un_number", "plate", "document", "eori"]),
        ("XF12345678", ["tir", "plate", "document", "eori"]),
        ("", []),
        ("Kowalski", []),
        ("-" * 300, []),
        ("1" * 40, []),
    ],
)
def test_what_a_text_might_be(text: str, kinds: list[str]) -> None:
    assert [read.kind for read in guess(text)] == kinds


def test_a_plate_that_only_one_country_has_tells_the_country() -> None:
    assert [(read.country, read.check) for read in guess("АА 1234 ВВ")][:1] == [("UA", "holds")]  # noqa: RUF001 - a Cyrillic plate
    assert [(read.country, read.check) for read in guess("WA 12345")][:1] == [(None, "none")]


@FEW
@given(st.text(max_size=60))
def test_any_text_might_be_something_or_nothing(text: str) -> None:
    found = guess(text)
    assert len({read.kind for read in found}) == len(found)
    assert all(canonical(read.raw) for read in found)
