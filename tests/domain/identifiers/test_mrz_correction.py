"""Which one character of a machine-readable zone may have been misread."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identifiers.look_alikes import look_alikes
from domain.identifiers.mrz import MrzUnreadable, travel_document
from domain.identifiers.mrz_correction import MrzCorrection, correction

TODAY = date(2026, 6, 15)
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
MRV_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRV_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
TD1_LONG = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
TD2_LONG = ("I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<", "D23145890<UTO3407127M95071227349<<<8")
ALL = (TD3, TD1, TD2, MRV_A, MRV_B, TD1_LONG, TD2_LONG)


def misread(lines: tuple[str, ...], line: int, place: int, read: str) -> tuple[str, ...]:
    wrong = f"{lines[line][:place]}{read}{lines[line][place + 1 :]}"
    return (*lines[:line], wrong, *lines[line + 1 :])


def test_the_one_look_alike_is_offered_and_not_applied() -> None:
    wrong = misread(TD3, 1, 5, "O")
    assert correction(wrong, today=TODAY) == MrzCorrection(line=1, place=5, was="O", becomes="0", lines=TD3)
    assert travel_document(wrong, today=TODAY).number.canonical == "L8989O2C3"


@pytest.mark.parametrize(
    ("lines", "line", "place", "read"),
    [
        (TD3, 1, 9, "G"),
        (TD3, 1, 15, "O"),
        (TD3, 1, 42, "I"),
        (TD3, 1, 43, "O"),
        (TD1, 1, 29, "G"),
        (TD2, 1, 35, "G"),
        (TD1, 0, 9, "A"),
        (TD1, 1, 1, "A"),
        (TD2, 1, 24, "A"),
        (MRV_A, 1, 14, "O"),
        (MRV_B, 1, 24, "Z"),
        (TD1_LONG, 0, 15, "T"),
        (TD2_LONG, 1, 4, "A"),
    ],
)
def test_in_every_form_and_field(lines: tuple[str, ...], line: int, place: int, read: str) -> None:
    found = correction(misread(lines, line, place, read), today=TODAY)
    assert found is not None
    assert (found.line, found.place, found.was, found.lines) == (line, place, read, lines)


@pytest.mark.parametrize("lines", ALL)
def test_nothing_is_offered_where_all_holds(lines: tuple[str, ...]) -> None:
    assert correction(lines, today=TODAY) is None


def test_nothing_is_offered_where_no_look_alike_mends_it() -> None:
    assert correction(misread(TD3, 1, 13, "8"), today=TODAY) is None
    assert correction(misread(misread(TD3, 1, 5, "O"), 1, 15, "O"), today=TODAY) is None


def test_nothing_is_offered_where_several_would() -> None:
    """Either B may have been an 8, or an 8 a B."""
    assert correction(misread(TD3, 1, 1, "B"), today=TODAY) is None


def test_lower_case_and_quotation_marks_are_read_as_in_the_zone() -> None:
    found = correction([line.lower().replace("<<", "«") for line in misread(TD3, 1, 5, "O")], today=TODAY)
    assert found is not None
    assert found.lines == TD3


def test_what_is_no_zone_is_refused() -> None:
    with pytest.raises(MrzUnreadable):
        correction(("", ""), today=TODAY)


@settings(max_examples=60)
@given(st.data())
def test_what_is_offered_mends_every_check_by_one_look_alike(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(ALL))
    line = data.draw(st.integers(0, 1))
    place = data.draw(st.sampled_from([at for at, each in enumerate(lines[line]) if look_alikes(each)]))
    wrong = misread(lines, line, place, data.draw(st.sampled_from(look_alikes(lines[line][place]))))
    try:
        found = correction(wrong, today=TODAY)
    except MrzUnreadable:
        return
    if found is not None:
        assert travel_document(found.lines, today=TODAY).failed_checks == ()
        assert found.becomes in look_alikes(found.was)
        assert wrong[found.line][found.place] == found.was
