"""The rules of merging, by themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers.edits import one_edit_apart
from domain.identifiers.plates import plate
from domain.registrations.passages import NOWHERE, Nearby, Seat, Source, is_late, is_same, seat, seen_at

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
short_texts = st.text(alphabet="AB0", max_size=5)


def nearby(passage: str, raw: str, at: int = 0, country: str | None = None) -> Nearby:
    identifier = plate(raw, country)
    return Nearby(
        passage_id=passage,
        registration_id=f"registration of {passage}",
        canonical=identifier.canonical,
        folded=identifier.folded,
        country=identifier.country,
        seen_at=NOON + at * SECOND,
    )


@pytest.mark.parametrize(
    ("left", "right", "apart"),
    [
        ("", "", True),
        ("", "A", True),
        ("ABC", "ABC", True),
        ("ABC", "AXC", True),
        ("ABC", "AC", True),
        ("ABC", "ABCD", True),
        ("ABC", "XABC", True),
        ("ABC", "AXY", False),
        ("ABC", "BAC", False),
        ("ABC", "A", False),
        ("ABCD", "BCDE", False),
    ],
)
def test_one_edit_is_an_insertion_a_deletion_or_a_substitution(left: str, right: str, *, apart: bool) -> None:
    assert one_edit_apart(left, right) is apart
    assert one_edit_apart(right, left) is apart


def _within_one_edit(text: str) -> set[str]:
    letters = "AB0"
    heads = [(text[:i], text[i:]) for i in range(len(text) + 1)]
    deleted = {a + b[1:] for a, b in heads if b}
    replaced = {a + c + b[1:] for a, b in heads if b for c in letters}
    inserted = {a + c + b for a, b in heads for c in letters}
    return {text} | deleted | replaced | inserted


@given(short_texts, short_texts)
def test_one_edit_apart_agrees_with_making_every_edit(left: str, right: str) -> None:
    assert one_edit_apart(left, right) is (right in _within_one_edit(left))


def test_a_reading_without_a_like_one_nearby_opens_a_passage() -> None:
    assert seat(plate("WA 12345"), [nearby("p", "KR 99999")]) == Seat(joined=None)
    assert seat(plate("WA 12345"), []) == Seat(joined=None)


def test_a_reading_joins_the_passage_of_the_earliest_like_one() -> None:
    early, late = nearby("p", "WA 1234O", at=-5), nearby("p", "WA 12340", at=3)

    assert seat(plate("WA 12340"), [late, early]) == Seat(joined=early, known=True)


def test_a_reading_is_new_when_no_like_one_has_its_very_plate() -> None:
    other_spelling = nearby("p", "WA 1234O")

    assert seat(plate("WA 12340"), [other_spelling]) == Seat(joined=other_spelling, known=False)


def test_a_reading_between_two_passages_links_them() -> None:
    first, second, stranger = nearby("p", "WA 12345", at=-8), nearby("q", "WA 1234", at=8), nearby("r", "KR 1", at=1)

    found = seat(plate("WA 12345"), [second, stranger, first])
    assert (found.joined, found.others) == (first, (second,))


def test_a_further_passage_is_named_once() -> None:
    first = nearby("p", "WA 12345", at=-1)
    found = seat(plate("WA 12345"), [first, nearby("q", "WA 12345", at=1), nearby("q", "WA 12345", at=2)])

    assert [other.passage_id for other in found.others] == ["q"]


@given(st.permutations([nearby("p", "WA 12345"), nearby("q", "WA 1234S"), nearby("r", "WA 1235", at=-1)]))
def test_a_seat_does_not_depend_on_the_order_of_what_is_near(near: list[Nearby]) -> None:
    found = seat(plate("WA 12345"), near)

    assert found.joined is not None
    assert found.joined.passage_id == "r"
    assert {other.passage_id for other in found.others} == {"p", "q"}


@pytest.mark.parametrize(
    ("device_time", "expected"),
    [
        (None, NOON),
        (NOON - timedelta(days=1), NOON - timedelta(days=1)),
        (NOON + 60 * SECOND, NOON + 60 * SECOND),
        (NOON + 60 * SECOND + timedelta(microseconds=1), NOON),
        (NOON + timedelta(days=3650), NOON),
    ],
)
def test_an_object_was_seen_by_the_devices_clock_unless_that_runs_ahead(
    device_time: datetime | None, expected: datetime
) -> None:
    assert seen_at(device_time, NOON) == expected


def test_an_object_is_late_after_more_than_five_minutes() -> None:
    assert not is_late(NOON - timedelta(minutes=5), NOON)
    assert is_late(NOON - timedelta(minutes=5, microseconds=1), NOON)
    assert not is_late(NOON + SECOND, NOON)


def test_a_plate_read_before_with_another_country_is_not_known() -> None:
    read = [nearby("first", "AA1234BB", country="UA")]

    assert seat(plate("AA1234BB", "UA"), read).known
    assert not seat(plate("AA1234BB", "PL"), read).known
    assert not seat(plate("AA1234BB"), read).known


@pytest.mark.parametrize(
    ("one", "other", "country", "sources", "same"),
    [
        ("WA12345", "WA12346", "PL", (("a", 0.95), ("a", 0.91)), False),
        ("WA12345", "WA12346", "PL", (("a", 0.95), ("a", 0.9)), True),
        ("WA12345", "WA12346", "PL", (("a", 0.95), ("b", 0.95)), True),
        ("WA12345", "WA12346", None, (("a", 0.95), ("a", 0.95)), True),
        ("1A12345", "WA12345", "PL", (("a", 0.95), ("a", 0.95)), True),
        ("WA1234", "WA12345", "PL", (("a", 0.95), ("a", 0.95)), True),
        ("WA1234S", "WA12345", "PL", (("a", 0.95), ("a", 0.95)), True),
        ("WA12345", "WA12345", "PL", (("a", 0.95), ("a", 0.95)), True),
    ],
)
def test_two_plates_of_which_one_camera_is_sure_are_of_two_vehicles(
    one: str, other: str, country: str | None, sources: tuple[tuple[str, float], ...], *, same: bool
) -> None:
    first, second = (Source(device=device, confidence=confidence) for device, confidence in sources)
    near_first = replace(nearby("p", one, country=country), source=first)
    near_second = replace(nearby("p", other, country=country), source=second)
    assert is_same(plate(other, country), NOWHERE, near_first, second) is same
    assert is_same(plate(one, country), NOWHERE, near_second, first) is same
