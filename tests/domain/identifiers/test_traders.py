"""Numbers of traders and persons: EORI, NIP, PESEL, REGON; and of TIR carnets."""

import pytest

from domain.identifiers.kinds import parse


@pytest.mark.parametrize(
    ("kind", "raw", "canonical"),
    [
        ("nip", "8567346215", "8567346215"),
        ("nip", "PL 856-734-62-15", "8567346215"),
        ("nip", "NIP: 856 734 62 15", "8567346215"),
        ("nip", "NIP PL8567346215", "8567346215"),
        ("pesel", "44051401359", "44051401359"),
        ("pesel", "PESEL 440514 01359", "44051401359"),
        ("pesel", "02211307589", "02211307589"),
        ("regon", "192598184", "192598184"),
        ("regon", "12345678512347", "12345678512347"),
    ],
)
def test_polish_numbers(kind: str, raw: str, canonical: str) -> None:
    read = parse(kind, raw)
    assert (read.canonical, read.country, read.check, read.why) == (canonical, "PL", "holds", "check_digit")


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        ("nip", "8567346216", "check_digit"),
        ("nip", "856734621", "length"),
        ("nip", "856734621A", "characters"),
        ("pesel", "44051401358", "check_digit"),
        ("pesel", "44131401359", "shape"),
        ("pesel", "44053201359", "shape"),
        ("regon", "192598183", "check_digit"),
        ("regon", "12345678612342", "check_digit"),
        ("regon", "12345678512348", "check_digit"),
        ("regon", "1234567851", "length"),
        ("eori", "PL8567346215", "shape"),
        ("eori", "8567346215", "shape"),
        ("eori", "DE", "length"),
        ("eori", "DE1234567890123456", "length"),
        ("tir", "X123456789", "shape"),
        ("tir", "XF1234567", "length"),
        ("tir", "XF1234567890", "length"),
    ],
)
def test_what_is_wrong_is_kept_and_explained(kind: str, raw: str, why: str) -> None:
    read = parse(kind, raw)
    assert (read.canonical, read.check, read.why) == (raw, "fails", why)


def test_a_polish_eori_may_hold_a_nip() -> None:
    held, other = parse("eori", "PL 8567346215 00000"), parse("eori", "PL856734621600000")
    assert (held.canonical, held.country, held.check, held.why) == ("PL856734621500000", "PL", "holds", "check_digit")
    assert (other.check, other.why) == ("holds", "shape")


@pytest.mark.parametrize(
    ("raw", "country"), [("DE1234567", "DE"), ("GB123456789000", "GB"), ("EORI: IT12345678901", "IT")]
)
def test_an_eori_has_no_check_digit(raw: str, country: str) -> None:
    read = parse("eori", raw)
    assert (read.country, read.check, read.why) == (country, "holds", "shape")


@pytest.mark.parametrize("raw", ["XF12345678", "xf 1234 5678", "TIR XF12345678"])
def test_a_carnet_is_known_by_its_form(raw: str) -> None:
    read = parse("tir", raw)
    assert (read.canonical, read.check, read.why) == ("XF12345678", "holds", "shape")


@pytest.mark.parametrize("raw", ["XF123456789", "XF12345678A"])
def test_a_carnet_may_have_eleven_characters(raw: str) -> None:
    assert parse("tir", raw).check == "holds"
