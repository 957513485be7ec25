"""The form in which parts are searched for."""

import pytest

from domain.identifiers.searching import searched


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ("łęcka-Żyła", "LECKAZYLA"),
        ("Müller, Ørsted", "MULLEROERSTED"),
        ("\N{CYRILLIC CAPITAL LETTER A}\N{CYRILLIC CAPITAL LETTER VE} 12-34", "AB1234"),
        ("Straße", "STRASSE"),
        (" - ", ""),
    ],
)
def test_case_marks_and_separators_do_not_count(raw: str, form: str) -> None:
    assert searched(raw) == form


def test_the_form_of_a_form_is_itself() -> None:
    form = searched("Þórður Œuvré")
    assert searched(form) == form == "THORDUROEUVRE"
