"""Machine-readable zones that the tests render themselves, read back and corrupted."""

import string
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.identifiers.documents import DocumentNumberUnreadable
from domain.identifiers.mrz import MrzUnreadable, TravelDocument, travel_document

TODAY = date(2026, 6, 15)
LETTERS, DIGITS = string.ascii_uppercase, string.digits
FORMS = ("TD1", "TD2", "TD3", "MRV-A", "MRV-B")


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What stands on a document."""

    form: str
    issuer: str
    surname: str
    given_names: str
    number: str
    nationality: str
    birth: date
    sex: str
    expiry: date
    optional: str


def names() -> st.SearchStrategy[str]:
    return st.lists(st.text(LETTERS, min_size=1, max_size=5), min_size=1, max_size=2).map(" ".join)


@st.composite
def printed(draw: st.DrawFn) -> Printed:
    form = draw(st.sampled_from(FORMS))
    longest = 12 if form in ("TD1", "TD2") else 9
    return Printed(
        form=form,
        issuer=draw(st.text(LETTERS, min_size=1, max_size=3)),
        surname=draw(names()),
        given_names=draw(st.just("") | names()),
        number=draw(st.text(LETTERS + DIGITS, min_size=1, max_size=longest)),
        nationality=draw(st.text(LETTERS, min_size=1, max_size=3)),
        birth=draw(st.dates(TODAY - timedelta(days=36_000), TODAY)),
        sex=draw(st.sampled_from("MFX")),
        expiry=draw(st.dates(TODAY - timedelta(days=18_000), TODAY + timedelta(days=18_000))),
        optional=draw(st.text(LETTERS + DIGITS, max_size=2)),
    )


def value(character: str) -> int:
    return 0 if character == "<" else int(character, 36)


def digit(field: str) -> str:
    return str(sum(value(character) * (7, 3, 1)[place % 3] for place, character in enumerate(field)) % 10)


def filled(text: str, width: int) -> str:
    assert len(text) <= width
    return text.replace(" ", "<").ljust(width, "<")


def render(document: Printed) -> list[str]:
    kind = {"TD3": "P<", "MRV-A": "V<", "MRV-B": "V<"}.get(document.form, "I<")
    first, optional = document.number[:9], document.optional
    number = filled(first, 9) + digit(filled(first, 9))
    if len(document.number) > 9:
        number = first + "<"
        optional = document.number[9:] + digit(document.number) + ("<" + optional if optional else "")
    birth, expiry = (f"{each:%y%m%d}" + digit(f"{each:%y%m%d}") for each in (document.birth, document.expiry))
    sex = document.sex.replace("X", "<")
    issuer, nationality = filled(document.issuer, 3), filled(document.nationality, 3)
    name = f"{document.surname}<<{document.given_names}"
    if document.form == "TD1":
        upper = kind + issuer + number + filled(optional, 15)
        lower = birth + sex + expiry + nationality + "<" * 11
        return [upper, lower + digit(upper[5:] + birth + expiry + "<" * 11), filled(name, 30)]
    width = 44 if document.form in ("TD3", "MRV-A") else 36
    upper, lower = kind + issuer + filled(name, width - 5), number + nationality + birth + sex + expiry
    match document.form:
        case "TD2":
            rest = filled(optional, 7)
            lower += rest + digit(number + birth + expiry + rest)
        case "TD3":
            rest = filled(optional, 14) + digit(filled(optional, 14))
            lower += rest + digit(number + birth + expiry + rest)
        case _:
            lower = filled(lower + optional, width)
    return [upper, lower]


def checked_places(form: str) -> list[tuple[int, int]]:
    """Return (line, place) of everything that a check digit covers, and of the check digits."""
    if form == "TD1":
        upper, lower = range(5, 30), (*range(7), *range(8, 15), *range(18, 30))
        return [(0, place) for place in upper] + [(1, place) for place in lower]
    end = {"TD2": 36, "TD3": 44}.get(form, 28)
    return [(1, place) for place in (*range(10), *range(13, 20), *range(21, end))]


def read(lines: list[str]) -> TravelDocument:
    return travel_document(lines, today=TODAY)


@given(printed())
def test_what_is_printed_is_read(document: Printed) -> None:
    back = read(render(document))
    assert back.form == document.form
    assert (back.issuer, back.nationality) == (document.issuer, document.nationality)
    assert (back.surname, back.given_names) == (document.surname, document.given_names)
    assert back.number.canonical == document.number
    assert (back.birth_date, back.birth_partial, back.expiry_date) == (document.birth, None, document.expiry)
    assert (back.sex, back.optional, back.failed_checks) == (document.sex, document.optional, ())


@given(printed(), st.data())
def test_a_wrong_character_is_detected_unless_its_value_is_the_same_modulo_ten(
    doc: Printed, data: st.DataObject
) -> None:
    lines = render(doc)
    line, place = data.draw(st.sampled_from([at for at in checked_places(doc.form) if lines[at[0]][at[1]] != "<"]))
    old = lines[line][place]
    new = data.draw(st.sampled_from(DIGITS if old in DIGITS else LETTERS + DIGITS))
    assume(new != old)
    lines[line] = lines[line][:place] + new + lines[line][place + 1 :]
    assert bool(read(lines).failed_checks) == ((value(new) - value(old)) % 10 != 0)


@given(
    st.lists(st.text(), max_size=4)
    | st.sampled_from([(2, 44), (2, 36), (3, 30)]).flatmap(
        lambda size: st.lists(
            st.text(LETTERS + DIGITS + "<", min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
        )
    )
)
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    try:
        document = read(lines)
    except (MrzUnreadable, DocumentNumberUnreadable):
        return
    assert document.number.canonical
    assert document.birth_date is None or document.birth_date <= TODAY
