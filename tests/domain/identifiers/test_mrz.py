"""Machine-readable zones: the specimens of ICAO Doc 9303."""

from datetime import date

import pytest

from domain.identifiers.documents import DocumentNumberUnreadable
from domain.identifiers.mrz import MrzUnreadable, TravelDocument, travel_document

TODAY = date(2026, 6, 15)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
MRV_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRV_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
TD1_LONG = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
TD2_LONG = ("I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<", "D23145890<UTO3407127M95071227349<<<8")


def read(lines: tuple[str, ...]) -> TravelDocument:
    return travel_document(lines, today=TODAY)


def test_a_passport_in_full() -> None:
    document = read(TD3)
    assert document.number.kind == "document"
    assert document.number.raw == "L898902C3"
    assert document.number.folded == "1898902C3"
    assert document == TravelDocument(
        form="TD3",
        document_kind="P",
        issuer="UTO",
        surname="ERIKSSON",
        given_names="ANNA MARIA",
        number=document.number,
        nationality="UTO",
        birth_date=date(1974, 8, 12),
        birth_partial=None,
        sex="F",
        expiry_date=date(2012, 4, 15),
        optional="ZE184226B",
        failed_checks=(),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (TD1, ("TD1", "D23145890", "UTO", date(1974, 8, 12), date(2012, 4, 15), "")),
        (TD2, ("TD2", "D23145890", "UTO", date(1974, 8, 12), date(2012, 4, 15), "")),
        (TD3, ("TD3", "L898902C3", "UTO", date(1974, 8, 12), date(2012, 4, 15), "ZE184226B")),
        (MRV_A, ("MRV-A", "L8988901C", "XXX", date(1940, 9, 7), date(1996, 12, 10), "6ZE184226B")),
        (MRV_B, ("MRV-B", "L8988901C", "XXX", date(1940, 9, 7), date(1996, 12, 10), "")),
        (TD1_LONG, ("TD1", "D23145890734", "UTO", date(1934, 7, 12), date(1995, 7, 12), "")),
        (TD2_LONG, ("TD2", "D23145890734", "UTO", date(1934, 7, 12), date(1995, 7, 12), "")),
    ],
)
def test_the_specimens(lines: tuple[str, ...], expected: tuple[object, ...]) -> None:
    document = read(lines)
    number = document.number
    assert expected == (
        document.form,
        number.canonical,
        document.nationality,
        document.birth_date,
        document.expiry_date,
        document.optional,
    )
    assert (number.check, number.why, document.failed_checks) == ("holds", "check_digit", ())


@pytest.mark.parametrize(
    ("place", "wrong", "failed"),
    [
        (9, "7", ("number", "composite")),
        (19, "3", ("birth_date", "composite")),
        (27, "8", ("expiry_date", "composite")),
        (42, "2", ("optional", "composite")),
        (43, "1", ("composite",)),
        (43, "<", ("composite",)),
    ],
)
def test_a_wrong_check_digit_is_reported_not_refused(place: int, wrong: str, failed: tuple[str, ...]) -> None:
    document = read((TD3[0], TD3[1][:place] + wrong + TD3[1][place + 1 :]))
    assert document.failed_checks == failed
    assert document.number.check == ("fails" if "number" in failed else "holds")


def test_unused_optional_data_needs_no_check_digit() -> None:
    number, dates = "L898902C36", "7408122F1204159"
    for check in "0<":
        assert "optional" not in read((TD3[0], f"{number}UTO{dates}{'<' * 14}{check}0")).failed_checks


def test_a_missing_check_digit_is_not_taken_from_the_optional_data() -> None:
    document = read((TD1[0][:14] + "<7<" + TD1[0][17:], *TD1[1:]))
    assert (document.number.canonical, document.number.check, document.optional) == ("D23145890", "fails", "7")


def test_lower_case_blanks_and_quotation_marks_are_tolerated() -> None:
    mangled = ("  " + TD3[0].lower().replace("<<", "«") + "\r\n", TD3[1].lower() + " ")
    assert read(mangled) == read(TD3)
    assert read((TD3[0].replace("<", "«"), TD3[1].replace("<", "«"))) == read(TD3)


@pytest.mark.parametrize(("letter", "sex"), [("M", "M"), ("F", "F"), ("<", "X"), ("X", "X"), ("0", "X")])
def test_sex(letter: str, sex: str) -> None:
    assert read((TD3[0], TD3[1][:20] + letter + TD3[1][21:])).sex == sex


def test_codes_shorter_than_their_field() -> None:
    document = read(("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"))
    assert (document.issuer, document.nationality, document.number.country) == ("D", "D", "D")
    assert (document.surname, document.given_names, document.failed_checks) == ("MUSTERMANN", "ERIKA", ())


@pytest.mark.parametrize("code", ["UTO", "XXX", "XXA", "XXB", "UNO", "D", "ZZZ"])
def test_codes_that_no_list_of_countries_has_are_kept(code: str) -> None:
    filled = code.ljust(3, "<")
    document = read((f"P<{filled}{TD3[0][5:]}", TD3[1].replace("UTO", filled)))
    assert (document.issuer, document.nationality, document.number.country) == (code, code, code)
    assert document.failed_checks == ()


def test_a_name_without_given_names() -> None:
    assert (read(("P<UTOARKFREITH" + "<" * 30, TD3[1])).surname, read(TD3).surname) == ("ARKFREITH", "ERIKSSON")


@pytest.mark.parametrize(
    ("birth", "composite", "known"), [("74<<<<1", "8", "1974"), ("7408<<7", "0", "1974-08"), ("<<<<<<0", "0", "")]
)
def test_an_incomplete_birth(birth: str, composite: str, known: str) -> None:
    document = read((TD3[0], f"L898902C36UTO{birth}F1204159ZE184226B<<<<<1{composite}"))
    assert (document.birth_date, document.birth_partial) == (None, known)
    assert document.failed_checks == ()


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("",),
        TD3[:1],
        TD1[:2],
        (*TD3, ""),
        (TD3[0], TD3[1][:-1]),
        (TD3[0] + "<", TD3[1]),
        (TD2[0], TD3[1]),
        (TD3[0], TD3[1].replace("<", "-")),
        (TD3[0], TD3[1].replace("1", "١")),  # noqa: RUF001 - a digit that is none here
        (TD3[0].replace("A", "А"), TD3[1]),  # noqa: RUF001 - a Cyrillic letter
        ("V" + TD1[0][1:], *TD1[1:]),
    ],
)
def test_what_is_no_zone_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(MrzUnreadable) as refusal:
        read(lines)
    assert (refusal.value.code, refusal.value.path) == ("MRZ_UNREADABLE", ("lines",))


def test_a_document_without_a_number_is_refused() -> None:
    with pytest.raises(DocumentNumberUnreadable):
        read((TD3[0], "<<<<<<<<<<" + TD3[1][10:]))
