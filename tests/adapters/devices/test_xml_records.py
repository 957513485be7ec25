"""Records out of large XML."""

import pytest

from adapters.devices.xml_records import MAX_RECORDS, MAX_TAGS, MAX_TEXT, Record, records_in
from domain.registrations.readings import PushUnreadable


def read(inner: str) -> Record:
    return records_in(
        f"<root>{inner}</root>".encode(),
        roots=frozenset({"root"}),
        kinds=frozenset({"car", "axle"}),
        wanted=frozenset({"mass", "name"}),
    )


def reason(inner: str) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(inner)
    return refused.value.reason


def test_what_is_wanted_is_in_the_nearest_record() -> None:
    root = read(
        "<name>all</name><car id='1'><x><name> a </name></x><axle><mass unit='kg'>7</mass></axle>"
        "<axle><mass>8</mass></axle><mass>15</mass></car><car id='2'/>"
    )
    assert root.values == {"name": "all"}
    first, second = root.of("car")
    assert (first.attributes, first.values) == ({"id": "1"}, {"name": "a", "mass": "15"})
    assert [axle.values for axle in first.of("axle")] == [{"mass@unit": "kg", "mass": "7"}, {"mass": "8"}]
    assert (second.attributes, second.value("mass"), second.records) == ({"id": "2"}, "", [])


def test_records_are_found_at_any_depth_in_order() -> None:
    root = read("<axle><mass>1</mass></axle><car><axle><mass>2</mass></axle></car><x><axle><mass>3</mass></axle></x>")
    assert [axle.value("mass") for axle in root.of("axle")] == ["1", "2", "3"]


def test_of_several_values_the_first_counts() -> None:
    assert read("<mass>1</mass><mass>2</mass>").values == {"mass": "1"}


def test_a_text_is_whole_with_references_and_sections_in_it() -> None:
    assert read("<name>a&amp;<b>b</b><![CDATA[<c>]]>&#x41;</name>").value("name") == "a&b<c>A"


def test_texts_are_cut() -> None:
    root = read(f"<name x='{'b' * 5000}'>{'a' * 5000}</name>")
    assert root.values == {"name": "a" * MAX_TEXT, "name@x": "b" * MAX_TEXT}


def test_prefixes_do_not_count() -> None:
    assert read("<p:car xmlns:p='x'><q:mass>1</q:mass></p:car>").of("car")[0].value("mass") == "1"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<x/>" * MAX_TAGS, "too_large"),
        ("<x " + "".join(f"a{i}='' " for i in range(MAX_TAGS)) + "/>", "too_large"),
        ("<car/>" * (MAX_RECORDS + 1), "too_large"),
        ("<car><x><car/></x></car>", "malformed"),
        ("<x>" * 64 + "</x>" * 64, "malformed"),
        ("<x></y>", "malformed"),
        ("&nothing;", "malformed"),
    ],
)
def test_what_is_refused(inner: str, expected: str) -> None:
    assert reason(inner) == expected


def test_as_much_as_is_allowed() -> None:
    assert len(read("<car/>" * MAX_RECORDS).of("car")) == MAX_RECORDS
    assert read("<x>" * 63 + "</x>" * 63).values == {}
